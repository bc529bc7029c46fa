using SecOps.Findings;

namespace SecOps.Configuration;

/// <summary>An item of <c>waivers</c>.</summary>
internal static class WaiverSection
{
    public static Waiver Read(YamlMap map)
    {
        var waiver = new Waiver
        {
            Id = map.Text("id", "The finding's id. The waiver ends with the code it was written for."),
            Rule = map.Text("rule", "A rule's id, e.g. B104."),
            Path = map.Text("path", "A path, or a glob such as tests/**."),
            Package = map.Text("package", "A package's name or package URL without version."),
            Advisory = map.Text("advisory", "An advisory, e.g. CVE-2024-34069."),
            Reason = map.Text("reason", "Why the risk is accepted. Required.") ?? "",
            Owner = map.Text("owner", "Who answers for it. Required.") ?? "",
            Expires = map.Date("expires", "The last day on which it holds, e.g. 2027-01-31. Required.") ?? default,
            Place = map.Describing ? "" : map.Place,
        };
        if (map.Describing)
        {
            return waiver;
        }

        if (waiver is { Id: null, Rule: null, Path: null, Package: null, Advisory: null })
        {
            throw map.Error("a waiver needs at least one of id, rule, path, package, advisory");
        }

        foreach (var (key, missing) in new[] { ("reason", waiver.Reason.Length == 0), ("owner", waiver.Owner.Length == 0), ("expires", waiver.Expires == default) })
        {
            if (missing)
            {
                throw map.Error($"a waiver needs {key}");
            }
        }

        return waiver;
    }
}
