using SecOps.Toolbox;

namespace SecOps.Scanners.Sonar;

/// <summary>SonarQube (https://docs.sonarsource.com/sonarqube-server): issues and security hotspots, kept by a server.</summary>
public sealed class SonarScanner : IServerScanner
{
    private const string UrlVariable = "SONAR_HOST_URL";
    private const string TokenVariable = "SONAR_TOKEN";

    public string Name => "sonarqube";

    public ToolSpecification Tool { get; } = new("sonar-scanner", "sonar-scanner");

    /// <summary>How long between two looks at the server's task.</summary>
    internal TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(2);

    public bool Fits(ScanTarget target) => target is SourceTarget { Files.Count: > 0 };

    public IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context)
    {
        var source = (SourceTarget)target;
        var work = Path.Combine(context.ReportFolder, "work");
        return
        [
            new ScannerCall(
                [
                    $"-Dsonar.host.url={Url(context.Settings)}",
                    $"-Dsonar.projectKey={Project(source, context.Settings)}",
                    $"-Dsonar.projectBaseDir={source.Folder}",
                    $"-Dsonar.working.directory={work}",
                    "-Dsonar.exclusions=.secops/**",
                ],
                Path.Combine(work, "report-task.txt"))
            {
                // The token stands in no argument: the scanner reads it from the same variable.
                Environment = new Dictionary<string, string?> { [TokenVariable] = context.Settings.Variable(TokenVariable) },
            },
        ];
    }

    public ExitMeaning Meaning(int exitCode) => exitCode == 0 ? ExitMeaning.Clean : ExitMeaning.Failed;

    public void Read(Stream report, ReportSink sink) => SonarReport.Read(report, sink);

    public async Task<IReadOnlyList<string>> FetchAsync(ScanTarget target, PlanContext context, ReportSink sink, CancellationToken cancellation)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(context.ReportFolder, "work", "report-task.txt"), cancellation);
        var task = lines.FirstOrDefault(l => l.StartsWith("ceTaskId=", StringComparison.Ordinal))?["ceTaskId=".Length..]
            ?? throw SecOpsException.Tool("sonar-scanner's report-task.txt holds no ceTaskId.");
        using var http = SonarServer.Client(Url(context.Settings), context.Settings.Variable(TokenVariable));
        var server = new SonarServer(http, Project((SourceTarget)target, context.Settings), context.ReportFolder, Poll);
        sink.Quality = await server.QualityAsync(await server.WaitAsync(task, cancellation), cancellation);
        return await server.FindingsAsync(cancellation);
    }

    private static string Url(ScannerSettings settings) => (settings.SonarUrl ?? settings.Variable(UrlVariable)) is { Length: > 0 } url
        ? url
        : throw SecOpsException.Incomplete($"no SonarQube server is named. Set {UrlVariable} or scan.sonarUrl, or leave it out: --skip sonarqube.");

    private static string Project(SourceTarget source, ScannerSettings settings)
    {
        var file = Path.Combine(source.Folder, "sonar-project.properties");
        var named = File.Exists(file)
            ? File.ReadLines(file).Select(l => l.Split('=', 2)).FirstOrDefault(l => l.Length == 2 && l[0].Trim() == "sonar.projectKey")?[1].Trim()
            : null;
        return settings.SonarProject ?? named ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(source.Root));
    }
}
