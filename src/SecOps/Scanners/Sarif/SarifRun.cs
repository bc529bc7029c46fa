using System.Globalization;
using System.Runtime.InteropServices;
using SecOps.Findings;

namespace SecOps.Scanners.Sarif;

/// <summary>One run: a tool's rules, files and results.</summary>
internal sealed class SarifRun
{
    private static readonly string[] SecretScanners = ["gitleaks", "trufflehog", "detect-secrets", "ggshield"];

    private readonly List<SarifResult> results = [];
    private readonly List<List<SarifRule>> extensions = [];
    private readonly Dictionary<string, SarifRule> byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> levelOverrides = new(StringComparer.Ordinal);
    private readonly List<string> failures = [];
    private readonly List<(SarifArtifact Artifact, string Reason)> unread = [];
    private List<SarifRule> rules = [];
    private ReportNode globalMessages = ReportNode.Missing;
    private ReportNode artifacts = ReportNode.Missing;
    private readonly Dictionary<(string Id, SarifRule? Rule), Rule> sharedRules = [];
    private readonly Dictionary<(string Id, string Level), IReadOnlyList<Detection>> sharedDetections = [];
    private readonly Dictionary<string, string> sharedSnippets = new(StringComparer.Ordinal);
    private string? driver;
    private bool findsSecrets;
    private string? version;
    private int external;

    public SarifPaths Paths { get; } = new();

    public bool HasResults { get; set; }

    public void Add(SarifResult result) => results.Add(result);

    public void ReadTool(ReportNode tool)
    {
        var node = tool["driver"].IsObject ? tool["driver"] : tool;
        driver = node["name"].Text;
        findsSecrets = SecretScanners.Contains(driver?.ToLowerInvariant());
        version = node["semanticVersion"].Text ?? node["version"].Text;
        globalMessages = node["globalMessageStrings"];
        rules = [.. node["rules"].Items.Select(r => new SarifRule(r))];
        extensions.AddRange(tool["extensions"].Items.Select(e => e["rules"].Items.Select(r => new SarifRule(r)).ToList()));
        foreach (var rule in rules.Concat(extensions.SelectMany(e => e)).Where(r => r.Id is not null))
        {
            byId.TryAdd(rule.Id!, rule);
        }
    }

    /// <summary>Where version 2.0 kept the rules.</summary>
    public void ReadResources(ReportNode resources) => ReadRules(resources["rules"]);

    /// <summary>Rules by id, as version 1.0 had them in the run.</summary>
    public void ReadRules(ReportNode members)
    {
        foreach (var (id, rule) in members.Members)
        {
            byId.TryAdd(id, new SarifRule(rule, id));
        }
    }

    public void ReadArtifacts(ReportNode node) => artifacts = node;

    public void ReadInvocations(ReportNode invocations)
    {
        foreach (var invocation in invocations.Items)
        {
            Paths.AddFolder(invocation["workingDirectory"]["uri"].Text);
            if (invocation["executionSuccessful"].IsFalse)
            {
                failures.Add(invocation["exitCodeDescription"].Text ?? invocation["exitSignalName"].Text
                    ?? (invocation["exitCode"].Text is { } code ? $"exit code {code}" : "executionSuccessful is false"));
            }

            foreach (var change in invocation["ruleConfigurationOverrides"].Items)
            {
                if (change["descriptor"]["id"].Text is { } id && change["configuration"]["level"].Text is { } level)
                {
                    levelOverrides[id] = level;
                }
            }

            foreach (var note in invocation["toolExecutionNotifications"].Items.Concat(invocation["toolConfigurationNotifications"].Items))
            {
                if (note["level"].Text == "error")
                {
                    unread.Add((SarifArtifact.Of(note["locations"][0]["physicalLocation"]["artifactLocation"]), note["message"]["text"].Text ?? "unknown reason"));
                }
            }
        }
    }

    public void ReadExternal(ReportNode references) => external += references["results"].Items.Count;

    public void Give(ReportSink sink)
    {
        sink.ToolVersion ??= version;
        foreach (var (artifact, reason) in unread)
        {
            var (path, url) = Paths.Resolve(artifact, sink);
            sink.AddUnread(path ?? url ?? $"(a part of what {driver ?? "the tool"} scanned)", ReportSink.Shorten(reason, 300)!);
        }

        if (external > 0)
        {
            sink.AddUnread("(results in other files)", "the report refers to results in external property files, which are not read; merge them into one report first");
        }

        foreach (var failure in failures)
        {
            var message = $"{driver ?? "the tool"} says that it did not run successfully: {failure}";
            if (results.Count == 0)
            {
                sink.Fail(message);
            }
            else
            {
                sink.AddUnread("(the whole run)", message);
            }
        }

        var suppressed = 0;
        for (var i = 0; i < results.Count; i++)
        {
            var result = results[i];
            // The finding takes its place.
            results[i] = null!;
            var rule = RuleOf(result);
            var level = LevelOf(result, rule);
            sink.CountEntry(level);
            if (result.IsSuppressed)
            {
                suppressed++;
            }
            else if (IsFailure(result))
            {
                sink.Add(ToFinding(result, rule, level, sink));
            }
        }

        if (suppressed > 0)
        {
            sink.Note = string.Create(CultureInfo.InvariantCulture, $"{suppressed} suppressed in the report and left out");
        }
    }

    /// <summary>Before 2.1 the level said what the kind says now.</summary>
    private static bool IsFailure(SarifResult result) =>
        (result.Kind is null || result.Kind.Equals("fail", StringComparison.OrdinalIgnoreCase)) && result.Level?.ToLowerInvariant() is not ("pass" or "notapplicable" or "open");

    private SarifRule? RuleOf(SarifResult result)
    {
        var list = result.Extension is { } extension ? extensions.ElementAtOrDefault(extension) : rules;
        if (result.RuleIndex is >= 0 and var index && list is not null && index < list.Count)
        {
            return list[index];
        }

        // "CA1000/1" is a rule below CA1000 (section 3.27.5).
        for (var id = result.RuleId; !string.IsNullOrEmpty(id); id = id.LastIndexOf('/') is > 0 and var slash ? id[..slash] : null)
        {
            if (byId.TryGetValue(id, out var rule))
            {
                return rule;
            }
        }

        return null;
    }

    /// <summary>Section 3.27.10.</summary>
    private string LevelOf(SarifResult result, SarifRule? rule)
    {
        if (result.Level is { Length: > 0 } level)
        {
            return level.ToLowerInvariant();
        }

        if (!IsFailure(result))
        {
            return "none";
        }

        var id = rule?.Id ?? result.RuleId;
        return id is not null && levelOverrides.TryGetValue(id, out var changed) ? changed : rule?.Level?.ToLowerInvariant() ?? "warning";
    }

    private static Severity SeverityOf(double? score, string level) => score switch
    {
        >= 9 => Severity.Critical,
        >= 7 => Severity.High,
        >= 4 => Severity.Medium,
        > 0 => Severity.Low,
        _ => level switch
        {
            "error" => Severity.High,
            "warning" => Severity.Medium,
            "note" => Severity.Low,
            _ => Severity.Info,
        },
    };

    private Finding ToFinding(SarifResult result, SarifRule? rule, string level, ReportSink sink)
    {
        var id = result.RuleId is { Length: > 0 } own ? own : rule?.Id ?? rule?.Name ?? "unspecified";
        var message = result.Message.Resolve(rule, globalMessages);
        var artifact = result.Place.Artifact is { Index: >= 0 and var index, Uri: null } ? SarifArtifact.Of(artifacts[index]["location"]) : result.Place.Artifact;
        var (path, url) = Paths.Resolve(artifact, sink);
        var category = CategoryOf(rule, url);
        var package = SarifPackage.In(message, path);
        var region = result.Place.Region;
        return new Finding
        {
            Category = package is null ? category : Category.Dependency,
            Severity = SeverityOf(result.Properties.SecuritySeverity ?? rule?.SecuritySeverity, level),
            Confidence = result.Properties.Confidence,
            Title = Title(package is null ? message : null, rule, id),
            Message = ReportSink.Shorten(message),
            Rule = package is null ? Shared(id, rule, Cwe(result, rule)) : Named(id, rule, Cwe(result, rule), [id]),
            Location = new Location
            {
                Path = path,
                Url = url,
                Method = url is null ? null : result.Method,
                StartLine = region.StartLine,
                EndLine = region.EndLine,
                StartColumn = region.StartColumn,
                Snippet = ReportSink.Shorten(category == Category.Secret ? SecretMask.Mask(region.Snippet?.Trim(), null) : Trimmed(region.Snippet), Finding.MaxSnippet),
                Resource = path is null && url is null ? result.Place.LogicalName : null,
                Package = package,
            },
            Scanners = Detections(sink.Scanner, id, level),
        };
    }

    private static Rule Named(string id, SarifRule? rule, IReadOnlyList<string>? cwe, IReadOnlyList<string>? advisories) =>
        new(id, rule?.Name, ReportSink.WebAddress(rule?.Url), cwe, advisories);

    // What results have in common is held once: a report has a hundred rules and a hundred thousand results.

    private Rule Shared(string id, SarifRule? rule, IReadOnlyList<string>? cwe)
    {
        if (!ReferenceEquals(cwe, rule?.Cwe))
        {
            return Named(id, rule, cwe, null);
        }

        ref var shared = ref CollectionsMarshal.GetValueRefOrAddDefault(sharedRules, (id, rule), out _);
        return shared ??= Named(id, rule, cwe, null);
    }

    private IReadOnlyList<Detection> Detections(string scanner, string id, string level)
    {
        ref var shared = ref CollectionsMarshal.GetValueRefOrAddDefault(sharedDetections, (id, level), out _);
        return shared ??= [new Detection(scanner, id, level)];
    }

    private string? Trimmed(string? snippet)
    {
        if (snippet is null || !char.IsWhiteSpace(snippet[^1]))
        {
            return snippet;
        }

        ref var shared = ref CollectionsMarshal.GetValueRefOrAddDefault(sharedSnippets, snippet, out _);
        return shared ??= snippet.TrimEnd();
    }

    /// <summary>What a rule's tags call a secret is one; else the tool decides, then the tags.</summary>
    private Category CategoryOf(SarifRule? rule, string? url) =>
        url is not null ? Category.Web
        : rule?.Category == Category.Secret || findsSecrets ? Category.Secret
        : rule?.Category ?? Category.Code;

    private static IReadOnlyList<string>? Cwe(SarifResult result, SarifRule? rule)
    {
        if (result is { Taxa.Items.Count: 0, Properties: { Cwe: null, Tags: null } })
        {
            return rule?.Cwe;
        }

        List<string> own =
        [
            .. result.Taxa.Items.Select(SarifTaxa.NameOf).OfType<string>(),
            .. (result.Properties.Cwe?.Texts ?? []).Select(SarifRule.Prefixed),
            .. result.Properties.Tags?.Texts ?? [],
        ];
        return own.Count == 0 ? rule?.Cwe : CweNames.In([.. own, .. rule?.Cwe ?? []]);
    }

    private static string Title(string? message, SarifRule? rule, string id)
    {
        var line = message?.Trim();
        if (line?.IndexOf('\n') is >= 0 and var end)
        {
            line = line[..end].Trim();
        }

        return ReportSink.Shorten(string.IsNullOrEmpty(line) ? rule?.Description ?? rule?.Name ?? id : line, 200)!;
    }
}
