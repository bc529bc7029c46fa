using SecOps.Findings;

namespace SecOps.Configuration;

/// <summary>The content of <c>secops.yml</c>. Every key is optional; the defaults stand with the sections.</summary>
public sealed record SecOpsConfiguration
{
    public const string FileName = "secops.yml";

    /// <summary>The other usual ending. Passing over such a file in silence would be a verdict without its settings.</summary>
    private const string OtherName = "secops.yaml";

    /// <summary>The file it came from; null when there is none.</summary>
    public string? File { get; init; }

    public required GatePolicy Gate { get; init; }

    public required IReadOnlyList<Waiver> Waivers { get; init; }

    public required ScanSection Scan { get; init; }

    public required DeploySection Deploy { get; init; }

    public required BuildSection Build { get; init; }

    public required PushSection Push { get; init; }

    public required RunSection Run { get; init; }

    public required ToolsSection Tools { get; init; }

    public required RemediateSection Remediate { get; init; }

    public required ReportSection Report { get; init; }

    /// <summary>
    /// The nearest <c>secops.yml</c> from the folder up to the root; what <paramref name="named"/> names wins.
    /// </summary>
    /// <exception cref="SecOpsException">A named file is absent, a file is wrong, or the nearest is called secops.yaml (exit code 2).</exception>
    public static SecOpsConfiguration Load(string? named, string folder, string root, Func<string, string?> environment)
    {
        var file = named ?? Nearest(folder, root);
        if (file is null)
        {
            return Parse("", FileName, environment);
        }

        if (!System.IO.File.Exists(file))
        {
            throw SecOpsException.Usage($"{file} does not exist. Name an existing file with --config, or run \"secops init\" to write one.");
        }

        try
        {
            return Parse(System.IO.File.ReadAllText(file), Shown(file), environment) with { File = file };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Usage($"{file} cannot be read: {e.Message}");
        }
    }

    /// <param name="name">Names the text in errors.</param>
    public static SecOpsConfiguration Parse(string text, string name, Func<string, string?> environment)
    {
        var source = new YamlSource(name, environment);
        var map = new YamlMap(source, source.Parse(text), "");
        var configuration = Read(map);
        map.RefuseUnknown();
        return configuration;
    }

    /// <summary>All keys, for the schema and the reference.</summary>
    public static IReadOnlyList<ConfigurationKey> Describe()
    {
        var map = new YamlMap(new YamlSource(FileName, _ => null, describing: true), null, "");
        _ = Read(map);
        return map.Keys;
    }

    private static SecOpsConfiguration Read(YamlMap map) => new()
    {
        Gate = map.Section("gate", "What fails a run.", GateSection.Read),
        Waivers = map.Items("waivers", "Findings that are accepted for a time, each with reason, owner and end.", WaiverSection.Read),
        Scan = map.Section("scan", "What is scanned, and with which scanners.", ScanSection.Read),
        Deploy = map.Section("deploy", "Where what passed the gate is deployed.", DeploySection.Read),
        Build = map.Section("build", "How the image is built and tried.", BuildSection.Read),
        Push = map.Section("push", "Where images go, and what is attached to them.", PushSection.Read),
        Run = map.Section("run", "What \"secops run\" does.", RunSection.Read),
        Tools = map.Section("tools", "Where \"secops tools\" installs from.", ToolsSection.Read),
        Remediate = map.Section("remediate", "How findings are mended.", RemediateSection.Read),
        Report = map.Section("report", "Where \"secops report --to\" sends findings.", ReportSection.Read),
    };

    private static string? Nearest(string folder, string root)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            var file = Path.Combine(at.FullName, FileName);
            if (System.IO.File.Exists(file))
            {
                return file;
            }

            if (System.IO.File.Exists(Path.Combine(at.FullName, OtherName)))
            {
                throw SecOpsException.Usage($"{Path.Combine(at.FullName, OtherName)} is not read: the configuration is called {FileName}. Rename the file, or name it with --config.");
            }

            if (at.FullName == root)
            {
                break;
            }
        }

        return null;
    }

    private static string Shown(string file)
    {
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), file);
        return relative.StartsWith("..", StringComparison.Ordinal) ? file : relative;
    }
}
