using SecOps.Findings;

namespace SecOps.Scanners.Trivy;

/// <summary>Custom resources that the Trivy Operator keeps in a cluster (https://aquasecurity.github.io/trivy-operator/latest/docs/crds/).</summary>
internal static class TrivyOperator
{
    public static void Read(string kind, string? apiVersion, ReportNode metadata, ReportNode report, ReportNode status, IReadOnlyList<ReportNode> items, ReportSink sink)
    {
        if (kind.EndsWith("List", StringComparison.Ordinal))
        {
            foreach (var item in items)
            {
                Read(item["kind"].Text ?? kind[..^4], item["apiVersion"].Text ?? apiVersion, item["metadata"], item["report"], item["status"], [], sink);
            }

            return;
        }

        if (apiVersion?.StartsWith("aquasecurity.github.io/", StringComparison.Ordinal) != true)
        {
            throw TrivyReport.NotTrivy($"it is a Kubernetes resource of kind {kind}");
        }

        sink.ToolVersion ??= report["scanner"]["version"].Text;
        var labels = metadata["labels"];
        var resource = string.Join('/', new[]
        {
            labels["trivy-operator.resource.namespace"].Text ?? metadata["namespace"].Text,
            labels["trivy-operator.resource.kind"].Text,
            labels["trivy-operator.resource.name"].Text ?? metadata["name"].Text,
        }.OfType<string>());
        switch (kind)
        {
            case "VulnerabilityReport" or "ClusterVulnerabilityReport" when report["vulnerabilities"] is { } list && (list.IsArray || report["summary"].IsObject):
                foreach (var v in list.Items)
                {
                    Vulnerability(v, report["artifact"], report["registry"]["server"].Text, resource, sink);
                }

                break;
            case "ConfigAuditReport" or "ClusterConfigAuditReport" or "RbacAssessmentReport" or "ClusterRbacAssessmentReport" or "InfraAssessmentReport" or "ClusterInfraAssessmentReport"
                when report["checks"].IsArray || report["summary"].IsObject:
                Checks(report["checks"], resource, sink);
                break;
            case "ExposedSecretReport" when report["secrets"].IsArray || report["summary"].IsObject:
                foreach (var s in report["secrets"].Items)
                {
                    Secret(s, report["artifact"], report["registry"]["server"].Text, resource, sink);
                }

                break;
            case "ClusterComplianceReport" when status["detailReport"]["results"].IsArray:
                foreach (var result in status["detailReport"]["results"].Items)
                {
                    Checks(result["checks"], resource, sink, result["severity"].Text);
                }

                break;
            case "ClusterComplianceReport" when status["summaryReport"]["controlCheck"].IsArray:
                foreach (var control in status["summaryReport"]["controlCheck"].Items.Where(c => c["totalFail"].Integer is > 0))
                {
                    Check(control, control["severity"].Text, resource, sink);
                }

                break;
            case "SbomReport" or "ClusterSbomReport" when report["components"].IsObject:
                // What is there, not what is wrong with it.
                break;
            default:
                throw TrivyReport.NotTrivy($"findings of the Trivy Operator's kind {kind} are not supported, or it holds none");
        }
    }

    private static void Vulnerability(ReportNode v, ReportNode artifact, string? server, string resource, ReportSink sink)
    {
        var id = v["vulnerabilityID"].Text ?? throw TrivyReport.NotTrivy("a vulnerability lacks its \"vulnerabilityID\"");
        var (name, version, fixedIn, severity) = (v["resource"].Text ?? "(unnamed package)", v["installedVersion"].Text, v["fixedVersion"].Text, v["severity"].Text);
        sink.CountEntry(severity);
        sink.Add(new Finding
        {
            Category = Category.Dependency,
            Severity = TrivyFindings.SeverityOf(severity),
            Title = ReportSink.Shorten(v["title"].Text ?? $"{id} in {name}", 200)!,
            Message = ReportSink.Shorten(v["description"].Text),
            Rule = new Rule(id, Url: ReportSink.WebAddress(v["primaryLink"].Text), Advisories: [id]),
            Location = new Location
            {
                Package = new Package(v["packagePURL"].Text, name, version, fixedIn, v["packagePath"].Text ?? v["target"].Text),
                Image = ImageOf(artifact, server),
                Resource = resource,
            },
            Scanners = [new Detection(sink.Scanner, id, severity)],
        });
    }

    /// <param name="usual">The severity of a check that has none of its own: its control's.</param>
    private static void Checks(ReportNode checks, string resource, ReportSink sink, string? usual = null)
    {
        foreach (var check in checks.Items.Where(c => !c["success"].IsTrue))
        {
            Check(check, check["severity"].Text ?? usual, resource, sink);
        }
    }

    private static void Check(ReportNode check, string? severity, string resource, ReportSink sink)
    {
        var title = check["title"].Text ?? check["name"].Text;
        var id = check["checkID"].Text ?? check["id"].Text ?? title ?? throw TrivyReport.NotTrivy("a check has neither \"checkID\" nor \"title\"");
        sink.CountEntry(severity);
        sink.Add(new Finding
        {
            Category = Category.Config,
            Severity = TrivyFindings.SeverityOf(severity),
            Title = ReportSink.Shorten(title ?? id, 200)!,
            Message = ReportSink.Shorten(check["messages"].Texts.FirstOrDefault() ?? check["description"].Text),
            Rule = new Rule(TrivyRule.Canonical(id), title),
            Location = new Location { Resource = check["target"].Text is { } target ? $"{resource} {target}" : resource },
            Scanners = [new Detection(sink.Scanner, id, severity)],
            Fix = check["remediation"].Text is { } remediation ? new Fix(ReportSink.Shorten(remediation, 500)) : null,
        });
    }

    private static void Secret(ReportNode s, ReportNode artifact, string? server, string resource, ReportSink sink)
    {
        var id = s["ruleID"].Text ?? s["title"].Text ?? throw TrivyReport.NotTrivy("a secret lacks its \"ruleID\"");
        var severity = s["severity"].Text;
        sink.CountEntry(severity);
        sink.Add(new Finding
        {
            Category = Category.Secret,
            Severity = TrivyFindings.SeverityOf(severity),
            Title = ReportSink.Shorten(s["title"].Text ?? id, 200)!,
            Rule = new Rule(id, s["title"].Text),
            Location = new Location { Path = s["target"].Text is { } target ? sink.RelativePath(target) : null, Snippet = s["match"].Text, Image = ImageOf(artifact, server), Resource = resource },
            Scanners = [new Detection(sink.Scanner, id, severity)],
        });
    }

    private static Image? ImageOf(ReportNode artifact, string? server)
    {
        if (artifact["repository"].Text is not { } repository)
        {
            return null;
        }

        var tag = artifact["tag"].Text;
        return new Image($"{(server is null ? "" : server + "/")}{repository}{(tag is null ? "" : ":" + tag)}", artifact["digest"].Text);
    }
}
