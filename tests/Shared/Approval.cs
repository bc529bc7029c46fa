using System.Runtime.CompilerServices;
using Shouldly;

namespace SecOps.Testing;

/// <summary>Compares a text with an approved file that stands beside the test.</summary>
public static class Approval
{
    /// <param name="name">The approved file's name, e.g. <c>bandit.args.txt</c>, beside the test's source.</param>
    public static void Approve(string text, string name, [CallerFilePath] string test = "")
    {
        // A deterministic build maps source paths; the part below tests/ is the same either way.
        var at = test.Replace('\\', '/').LastIndexOf("/tests/", StringComparison.Ordinal);
        var approved = Path.Combine(Parts.Repository, Path.GetDirectoryName(test[(at + 1)..])!, name);
        var received = approved + ".received";
        var expected = File.Exists(approved) ? File.ReadAllText(approved) : "";
        if (expected == text)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        text.ShouldBe(expected, $"accept it with: mv '{received}' '{approved}'");
    }
}
