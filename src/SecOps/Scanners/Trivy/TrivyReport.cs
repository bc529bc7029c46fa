using System.Text.Json;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Trivy;

/// <summary>
/// Trivy's JSON report in all its shapes: schema 2 (https://trivy.dev/latest/docs/configuration/reporting/#json), the bare
/// list before it, <c>trivy k8s</c> in both layouts, and the Trivy Operator's custom resources.
/// </summary>
internal static class TrivyReport
{
    private const string Name = "the Trivy report";

    public static void Read(Stream report, ReportSink sink) => ReportJson.Read(report, Name, sink, Document);

    public static SecOpsException NotTrivy(string why) =>
        SecOpsException.Tool($"this is not a Trivy JSON report ({why}). Write one with: trivy fs --format json --output FILE FOLDER");

    private static void Document(ref JsonCursor json, ReportSink sink)
    {
        switch (json.Peek())
        {
            case JsonTokenType.Null:
                // What old versions wrote when there was nothing to report.
                json.Skip();
                break;
            case JsonTokenType.StartArray:
                json.BeginArray();
                while (json.NextElement())
                {
                    Element(ref json, sink);
                }

                break;
            case JsonTokenType.StartObject:
                Report(ref json, sink);
                break;
            default:
                throw NotTrivy("it is a lone value");
        }
    }

    /// <summary>Of a bare list: a target with what was found in it, or a whole report where several were put together.</summary>
    private static void Element(ref JsonCursor json, ReportSink sink)
    {
        if (json.Peek() == JsonTokenType.Null)
        {
            json.Skip();
            return;
        }

        if (json.Peek() != JsonTokenType.StartObject)
        {
            throw NotTrivy("its list holds something else than targets");
        }

        Report(ref json, sink);
    }

    /// <summary>A report, or a target of the old list: which of them is told by the members.</summary>
    private static void Report(ref JsonCursor json, ReportSink sink)
    {
        var artifact = new TrivyArtifact();
        var target = new TrivyTarget();
        ReportNode kind = ReportNode.Missing, metadata = ReportNode.Missing, report = ReportNode.Missing, status = ReportNode.Missing, apiVersion = ReportNode.Missing;
        bool schema = false, resources = false, results = false, any = false;
        var operatorItems = new List<ReportNode>();
        json.BeginObject();
        while (json.NextMember())
        {
            if (json.Is("SchemaVersion"u8)) { schema = json.Integer() is not null; }
            else if (json.Is("ArtifactName"u8)) { artifact.Name = json.Text(); schema = true; }
            else if (json.Is("ArtifactType"u8)) { artifact.Type = json.Text(); schema = true; }
            else if (json.Is("Metadata"u8)) { artifact.Read(ReportNode.Read(ref json)); }
            else if (json.Is("Trivy"u8)) { sink.ToolVersion ??= ReportNode.Read(ref json)["Version"].Text; }
            else if (json.Is("Results"u8))
            {
                results |= Results(ref json, artifact, sink);
            }
            else if (json.Is("ClusterName"u8)) { artifact.Cluster = json.Text() ?? ""; resources = true; }
            else if (json.Is("Resources"u8) || json.Is("Findings"u8))
            {
                resources |= Resources(ref json, artifact, sink);
            }
            // All of the operator's resources in one object, a list a kind.
            else if (json.MemberName().EndsWith(".aquasecurity.github.io", StringComparison.Ordinal)) { any = true; operatorItems.AddRange(ReportNode.Read(ref json).Items); }
            else if (json.Is("kind"u8)) { kind = ReportNode.Read(ref json); }
            else if (json.Is("apiVersion"u8)) { apiVersion = ReportNode.Read(ref json); }
            else if (json.Is("metadata"u8)) { metadata = ReportNode.Read(ref json); }
            else if (json.Is("report"u8)) { report = ReportNode.Read(ref json); }
            else if (json.Is("status"u8)) { status = ReportNode.Read(ref json); }
            else if (json.Is("items"u8)) { operatorItems.AddRange(ReportNode.Read(ref json).Items); }
            // The old list's targets and the older layout of "trivy k8s" share these names; a resource has results, a vulnerability has an id.
            else if (json.Is("Vulnerabilities"u8) || json.Is("Misconfigurations"u8))
            {
                var misconfigurations = json.Is("Misconfigurations"u8);
                resources |= TrivyTarget.EntriesOrResources(ref json, target, artifact, misconfigurations, sink);
            }
            else if (!target.TryMember(ref json, artifact, sink)) { json.Skip(); }
        }

        if (any)
        {
            TrivyOperator.Read("List", apiVersion.Text, metadata, report, status, operatorItems, sink);
        }
        else if (kind.Text is { } resource)
        {
            TrivyOperator.Read(resource, apiVersion.Text, metadata, report, status, operatorItems, sink);
        }
        else if (target.Name is not null)
        {
            target.Give(artifact, sink);
        }
        else if ((!schema && !resources && !results) || target.HasEntries)
        {
            throw NotTrivy("it has neither \"SchemaVersion\" nor \"Results\" with a \"Target\"");
        }
    }

    /// <returns>Whether there was a target among them.</returns>
    internal static bool Results(ref JsonCursor json, TrivyArtifact artifact, ReportSink sink)
    {
        var any = false;
        if (!ReportJson.BeginList(ref json, "Results"))
        {
            return false;
        }

        while (json.NextElement())
        {
            if (json.Peek() == JsonTokenType.Null)
            {
                json.Skip();
                continue;
            }

            var target = new TrivyTarget();
            if (!json.BeginObject())
            {
                throw NotTrivy("\"Results\" holds something that is not an object");
            }

            var nested = false;
            while (json.NextMember())
            {
                // A control of a compliance report (trivy k8s --compliance … --report all) with the results of its checks.
                if (json.Is("Results"u8)) { nested = true; Results(ref json, artifact, sink); }
                else if (!target.TryMember(ref json, artifact, sink)) { json.Skip(); }
            }

            if (target.Name is null && !target.IsKnown && !nested)
            {
                throw NotTrivy("\"Results\" holds something without \"Target\"");
            }

            target.Give(artifact, sink);
            any = true;
        }

        return any;
    }

    /// <summary>Of <c>trivy k8s</c>: resources of a cluster, each with results, or with the error that kept it from being scanned.</summary>
    private static bool Resources(ref JsonCursor json, TrivyArtifact cluster, ReportSink sink)
    {
        if (!ReportJson.BeginList(ref json, "Resources"))
        {
            return false;
        }

        var any = false;
        while (json.NextElement())
        {
            if (json.BeginObject())
            {
                any |= Resource(ref json, cluster, sink);
            }
        }

        return any;
    }

    /// <summary>The members of a resource whose object has been entered.</summary>
    internal static bool Resource(ref JsonCursor json, TrivyArtifact cluster, ReportSink sink)
    {
        var resource = new TrivyArtifact { Cluster = cluster.Cluster ?? "" };
        string? error = null;
        var known = false;
        while (json.NextMember())
        {
            if (json.Is("Namespace"u8)) { resource.Namespace = json.Text(); }
            else if (json.Is("Kind"u8)) { resource.Kind = json.Text(); known = true; }
            else if (json.Is("Name"u8)) { resource.Name = json.Text(); }
            else if (json.Is("Error"u8)) { error = json.Text(); }
            else if (json.Is("Results"u8)) { known |= Results(ref json, resource, sink); }
            else { json.Skip(); }
        }

        if (!string.IsNullOrEmpty(error))
        {
            sink.AddUnread(resource.ClusterResource ?? "(unnamed resource)", error);
        }

        return known;
    }
}
