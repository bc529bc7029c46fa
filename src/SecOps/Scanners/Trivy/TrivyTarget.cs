using SecOps.Findings;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Trivy;

/// <summary>One target of a report (a lock file, an image's packages) with what was found in it. Members may come in any order.</summary>
internal sealed class TrivyTarget
{
    private readonly List<Finding> findings = [];
    private readonly List<TrivyVulnerability> vulnerabilities = [];
    private readonly List<ReportNode> misconfigurations = [];
    private readonly List<ReportNode> secrets = [];
    private readonly List<ReportNode> licenses = [];

    public string? Name { get; private set; }

    /// <summary>os-pkgs, lang-pkgs, config, secret, license; absent in old versions.</summary>
    public string? Class { get; private set; }

    /// <summary>alpine, pip, dockerfile, …</summary>
    public string? Type { get; private set; }

    /// <summary>A member was seen that only a target has.</summary>
    public bool IsKnown { get; private set; }

    public bool HasEntries => findings.Count + vulnerabilities.Count + misconfigurations.Count + secrets.Count > 0;

    /// <summary>Takes the current member if it is a target's.</summary>
    public bool TryMember(ref JsonCursor json, TrivyArtifact artifact, ReportSink sink)
    {
        if (json.Is("Target"u8) || json.Is("FileName"u8)) { Name = json.Text() ?? Name; }
        else if (json.Is("Class"u8)) { Class = json.Text(); IsKnown = true; }
        else if (json.Is("Type"u8)) { Type = json.Text(); }
        else if (json.Is("Vulnerabilities"u8))
        {
            IsKnown = true;
            AddVulnerabilities(ref json, artifact, sink);
        }
        else if (json.Is("Misconfigurations"u8)) { IsKnown = true; AddAll(ref json, misconfigurations, "Misconfigurations"); }
        else if (json.Is("Secrets"u8)) { IsKnown = true; AddAll(ref json, secrets, "Secrets"); }
        else if (json.Is("Licenses"u8)) { AddAll(ref json, licenses, "Licenses"); }
        else { return false; }

        return true;
    }

    /// <summary>
    /// A list that holds entries of this target, or, in the older layout of <c>trivy k8s</c>, resources of a cluster: these are
    /// given to the sink at once.
    /// </summary>
    /// <returns>Whether it held resources.</returns>
    public static bool EntriesOrResources(ref JsonCursor json, TrivyTarget target, TrivyArtifact artifact, bool misconfigurations, ReportSink sink)
    {
        if (artifact.Cluster is null)
        {
            if (misconfigurations)
            {
                AddAll(ref json, target.misconfigurations, "Misconfigurations");
            }
            else
            {
                target.AddVulnerabilities(ref json, artifact, sink);
            }

            return false;
        }

        if (ReportJson.BeginList(ref json, misconfigurations ? "Misconfigurations" : "Vulnerabilities"))
        {
            while (json.NextElement())
            {
                if (json.BeginObject())
                {
                    TrivyReport.Resource(ref json, artifact, sink);
                }
            }
        }

        return true;
    }

    /// <summary>Turns the entries into findings.</summary>
    public void Give(TrivyArtifact artifact, ReportSink sink)
    {
        var image = artifact.Image;
        findings.AddRange(vulnerabilities.Select(v => v.ToFinding(this, artifact, image, sink)));
        sink.Add(findings);
        foreach (var m in misconfigurations.Where(IsFailure))
        {
            sink.CountEntry(m["Severity"].Text);
            sink.Add(TrivyFindings.Misconfiguration(m, this, artifact, sink));
        }

        foreach (var s in secrets)
        {
            sink.CountEntry(s["Severity"].Text);
            sink.Add(TrivyFindings.Secret(s, this, artifact, sink));
        }

        foreach (var l in licenses.Where(_ => sink.WithLicenses))
        {
            sink.CountEntry(l["Severity"].Text);
            sink.Add(TrivyFindings.License(l, this, artifact, sink));
        }
    }

    /// <summary>Passed and excepted checks are listed too. Versions that knew no status listed failures alone.</summary>
    private static bool IsFailure(ReportNode misconfiguration) =>
        misconfiguration["Status"].Text is not { } status || status.Equals("FAIL", StringComparison.OrdinalIgnoreCase);

    /// <summary>Trivy names a target and its class first; without them a vulnerability is no finding yet.</summary>
    private void AddVulnerabilities(ref JsonCursor json, TrivyArtifact artifact, ReportSink sink)
    {
        if (!ReportJson.BeginList(ref json, "Vulnerabilities"))
        {
            return;
        }

        if (Name is null || Class is null)
        {
            json.Elements(vulnerabilities, (ref JsonCursor element, List<TrivyVulnerability> into) =>
            {
                if (TrivyVulnerability.Read(ref element) is { } v)
                {
                    into.Add(v);
                }
            });
            return;
        }

        var image = artifact.Image;
        json.Elements(findings, (ref JsonCursor element, List<Finding> into) =>
        {
            if (TrivyVulnerability.Read(ref element) is { } v)
            {
                into.Add(v.ToFinding(this, artifact, image, sink));
            }
        });
    }

    private static void AddAll(ref JsonCursor json, List<ReportNode> list, string member)
    {
        var any = ReportJson.BeginList(ref json, member);
        while (any && json.NextElement())
        {
            var node = ReportNode.Read(ref json);
            if (node.Members.Count > 0)
            {
                list.Add(node);
            }
            else if (node != ReportNode.Missing)
            {
                throw TrivyReport.NotTrivy($"\"{member}\" holds something else than entries");
            }
        }
    }
}
