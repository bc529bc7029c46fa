using System.Text.RegularExpressions;

namespace SecOps.Delivery.Build;

/// <summary>Finds in a builder's output what a person needs: the step that failed and its last words, not 500 lines.</summary>
internal static partial class BuildFailure
{
    private const int Shown = 12;

    public static string Explain(IReadOnlyList<string> lines)
    {
        var error = lines.LastOrDefault(l => l.StartsWith("ERROR:", StringComparison.Ordinal)) ?? lines.LastOrDefault(l => l.Length > 0) ?? "docker printed nothing";
        var failed = lines.LastOrDefault(l => Failed().IsMatch(l));
        if (failed is not null)
        {
            var step = Failed().Match(failed).Groups[1].Value;
            var prefix = $"#{step} ";
            var name = lines.FirstOrDefault(l => l.StartsWith(prefix + "[", StringComparison.Ordinal));
            var words = lines.Where(l => l.StartsWith(prefix, StringComparison.Ordinal) && l != name && l != failed)
                .Select(l => Time().Replace(l[prefix.Length..], "")).Where(l => l.Length > 0 && l != "CACHED").TakeLast(Shown);
            return Message(name is null ? "" : " at " + name[prefix.Length..], words, error);
        }

        // The plain builder: "Step 3/5 : RUN …" and what follows.
        var at = LastIndex(lines, l => l.StartsWith("Step ", StringComparison.Ordinal));
        return at < 0
            ? Message("", lines.Where(l => l.Length > 0 && l != error).TakeLast(Shown), error)
            : Message(" at " + lines[at], lines.Skip(at + 1).Where(l => l.Length > 0 && l != error && !l.StartsWith(" --->", StringComparison.Ordinal)).TakeLast(Shown), error);
    }

    private static string Message(string where, IEnumerable<string> words, string error)
    {
        var list = words.ToList();
        var advice = error.Contains("manifest lists", StringComparison.Ordinal) ? "\nSeveral platforms need the containerd image store in the Docker Engine: https://docs.docker.com/engine/storage/containerd/" : "";
        return $"the build failed{where}\n{string.Concat(list.Select(l => "  " + l + "\n"))}{error}{advice}";
    }

    private static int LastIndex(IReadOnlyList<string> lines, Func<string, bool> match)
    {
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            if (match(lines[i]))
            {
                return i;
            }
        }

        return -1;
    }

    [GeneratedRegex(@"^#([0-9]+) ERROR:")]
    private static partial Regex Failed();

    /// <summary>BuildKit puts the seconds before each line of a command's output.</summary>
    [GeneratedRegex(@"^[0-9]+\.[0-9]+ ")]
    private static partial Regex Time();
}
