using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace SecOps.Findings;

/// <summary>
/// Gives findings their ids. An id is <c>f1-</c> and 20 hex digits of SHA-256 over the category's own key. Nothing that
/// changes while the weakness stays is in a key: no line number, severity, message, tool version, image tag, digest or commit.
/// </summary>
public static class Identity
{
    private const string Prefix = "f1-";

    /// <summary>
    /// The findings with their ids, ordinals counted and equal ones joined, in <see cref="FindingOrder"/>.
    /// The result does not depend on the order of the input.
    /// </summary>
    public static List<Finding> Assign(IEnumerable<Finding> findings)
    {
        var keyed = findings.Select(f => (Key: KeyOf(f), Finding: f)).ToList();
        keyed.Sort(static (a, b) =>
        {
            var order = string.CompareOrdinal(a.Key, b.Key);
            order = order != 0 ? order : (a.Finding.Location.StartLine ?? 0).CompareTo(b.Finding.Location.StartLine ?? 0);
            order = order != 0 ? order : (a.Finding.Location.StartColumn ?? 0).CompareTo(b.Finding.Location.StartColumn ?? 0);
            return order != 0 ? order : string.CompareOrdinal(a.Finding.Message, b.Finding.Message);
        });

        var result = new Dictionary<string, Finding>(keyed.Count);
        string? previousKey = null;
        var ordinal = 0;
        Finding? previous = null;
        foreach (var (key, finding) in keyed)
        {
            // The same place reported twice is one finding; another place with the same content counts on.
            ordinal = key != previousKey ? 0 : HasOrdinal(finding.Category) && !SamePlace(previous!, finding) ? ordinal + 1 : ordinal;
            (previousKey, previous) = (key, finding);
            var id = Hash(HasOrdinal(finding.Category) ? $"{key}\0{ordinal}" : key);
            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(result, id, out var exists);
            slot = exists ? Join(slot!, finding) : finding with { Id = id };
        }

        var list = result.Values.ToList();
        list.Sort(FindingOrder.Instance);
        return list;
    }

    /// <summary>White space is no content: reformatting changes no id.</summary>
    public static string Fold(string? code)
    {
        if (code is null)
        {
            return "";
        }

        var folded = new StringBuilder(code.Length);
        foreach (var c in code)
        {
            if (!char.IsWhiteSpace(c))
            {
                folded.Append(c);
            }
        }

        return folded.ToString();
    }

    private static bool HasOrdinal(Category c) => c is Category.Code or Category.Secret or Category.Config;

    private static bool SamePlace(Finding a, Finding b) =>
        a.Location.StartLine == b.Location.StartLine && a.Location.StartColumn == b.Location.StartColumn;

    private static string KeyOf(Finding f)
    {
        var l = f.Location;
        return f.Category switch
        {
            Category.Code => Key("code", f.Scanners[0].Name, f.Rule.Id, l.Path, Fold(l.Snippet)),
            Category.Dependency => Key("dependency", Advisory(f.Rule), PurlWithoutVersion(l.Package), l.Package?.Manifest ?? l.Path ?? Repository(l.Image)),
            Category.Secret => Key("secret", f.Rule.Id, l.Path, Fold(l.Snippet)),
            Category.Config => Key("config", f.Rule.Id, l.Path, l.Resource),
            Category.Web => Key("web", f.Rule.Id, l.Method, l.Url, l.Parameter),
            _ => Key("cloud", f.Rule.Id, l.Resource),
        };
    }

    private static string Key(params ReadOnlySpan<string?> parts) => string.Join('\0', parts!);

    private static string Advisory(Rule rule)
    {
        var names = rule.Advisories.Count > 0 ? rule.Advisories : [rule.Id];
        return names.Where(n => n.StartsWith("CVE-", StringComparison.Ordinal)).Min(StringComparer.Ordinal) ?? names.Min(StringComparer.Ordinal)!;
    }

    private static string PurlWithoutVersion(Package? package)
    {
        var purl = package?.Purl ?? package?.Name ?? "";
        var end = purl.AsSpan().IndexOfAny('?', '#');
        var path = end < 0 ? purl : purl[..end];
        var at = path.LastIndexOf('@');
        return at > path.LastIndexOf('/') ? path[..at] : path;
    }

    /// <summary>An image reference without tag and digest.</summary>
    private static string? Repository(Image? image)
    {
        if (image is null)
        {
            return null;
        }

        var name = image.Reference.Split('@')[0];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[..colon] : name;
    }

    private static Finding Join(Finding a, Finding b)
    {
        var scanners = a.Scanners.Concat(b.Scanners).Distinct().OrderBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.RuleId, StringComparer.Ordinal).ToList();
        var worst = a.Severity >= b.Severity ? a : b;
        return a with { Scanners = scanners, Severity = worst.Severity };
    }

    private static string Hash(string key)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return Prefix + Convert.ToHexStringLower(hash[..10]);
    }
}
