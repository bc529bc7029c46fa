using SecOps.Findings;

namespace SecOps.Scanners.Zap;

/// <summary>One alert of one site: a rule, and the requests that showed it.</summary>
internal sealed class ZapAlert
{
    private readonly List<(string? Uri, string? Method, string? Parameter)> instances = [];

    public string? PluginId { get; set; }

    /// <summary>Tells the variants of a rule apart, in newer versions.</summary>
    public string? Reference { get; set; }

    public string? Name { get; set; }

    /// <summary>0 informational to 3 high.</summary>
    public string? RiskCode { get; set; }

    /// <summary>"Medium (High)": risk, and confidence in brackets.</summary>
    public string? RiskDescription { get; set; }

    /// <summary>0 false positive, 1 low, 2 medium, 3 high, 4 confirmed by a person.</summary>
    public string? Confidence { get; set; }

    public string? Description { get; set; }

    public string? Solution { get; set; }

    public string? Links { get; set; }

    public int? Cwe { get; set; }

    public void AddInstance(string? uri, string? method, string? parameter) => instances.Add((uri, method, parameter));

    public void Give(string? site, ReportSink sink)
    {
        var word = Word();
        sink.CountEntry(word);
        // Marked as a false positive in ZAP itself.
        if (Confidence?.Trim() == "0")
        {
            return;
        }

        var places = instances.Count > 0 ? instances : [(site, null, null)];
        var seen = new HashSet<(string, string?, string?)>();
        foreach (var (uri, method, parameter) in places)
        {
            var address = uri ?? site ?? "/";
            var name = string.IsNullOrWhiteSpace(parameter) ? null : parameter.Trim();
            if (seen.Add((WebPath.Template(address), method, name)))
            {
                sink.Add(Finding(address, method, name, word, sink));
            }
        }
    }

    private Finding Finding(string address, string? method, string? parameter, string? word, ReportSink sink)
    {
        var id = PluginId ?? Reference ?? Name!;
        return new Finding
        {
            Category = Category.Web,
            Severity = word switch { "High" => Severity.High, "Medium" => Severity.Medium, "Low" => Severity.Low, "Informational" => Severity.Info, _ => Severity.Unknown },
            Confidence = Confidence?.Trim() switch { "1" => "low", "2" => "medium", "3" or "4" => "high", _ => null },
            Title = ReportSink.Shorten(Name ?? id, 200)!,
            Message = ReportSink.Shorten(PlainText.Of(Description)),
            Rule = new Rule(id, Name, ReportSink.WebAddress(PlainText.Of(Links)?.Split('\n', ' ')[0].Trim()), CweNames.Of(Cwe) is { } cwe ? [cwe] : null),
            Location = new Location { Url = ReportSink.Shorten(address.Trim(), 2000), Method = method?.Trim().ToUpperInvariant(), Parameter = ReportSink.Shorten(parameter, 200) },
            Scanners = [new Detection(sink.Scanner, Reference ?? id, word)],
            Fix = Solution is null ? null : new Fix(ReportSink.Shorten(PlainText.Of(Solution), 500)),
        };
    }

    private string? Word() => RiskCode?.Trim() switch
    {
        "3" => "High",
        "2" => "Medium",
        "1" => "Low",
        "0" => "Informational",
        _ => RiskDescription?.Split('(')[0].Trim() is { Length: > 0 } word ? word : null,
    };
}
