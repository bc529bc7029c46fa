using System.Runtime.CompilerServices;
using Xunit;

namespace SecOps.Testing;

/// <summary>Compares a text with an approved file that stands beside the test.</summary>
public static class Approval
{
    /// <param name="name">The approved file's name, e.g. <c>bandit.args.txt</c>, beside the test's source.</param>
    public static void Approve(string text, string name, [CallerFilePath] string test = "")
    {
        // A deterministic build maps source paths; the part below tests/ is the same either way.
        var at = test.Replace('\\', '/').LastIndexOf("/tests/", StringComparison.Ordinal);
        var approved = Path.GetFullPath(name, Path.Combine(Parts.Repository, Path.GetDirectoryName(test[(at + 1)..])!));
        var received = approved + ".received";
        var expected = File.Exists(approved) ? File.ReadAllText(approved) : "";
        if (expected == text)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        var (now, then) = (text.Split('\n'), expected.Split('\n'));
        var line = 0;
        while (line < now.Length && line < then.Length && now[line] == then[line])
        {
            line++;
        }

        Assert.Fail($"{name} differs from line {line + 1}:\n- {then.ElementAtOrDefault(line)}\n+ {now.ElementAtOrDefault(line)}\nAccept it with: mv '{received}' '{approved}'");
    }
}
