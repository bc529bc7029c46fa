using SecOps.Toolbox;

namespace SecOps.Scanners.Sonar;

/// <summary>SonarQube (https://docs.sonarsource.com/sonarqube-server): issues and security hotspots, kept by a server.</summary>
public sealed class SonarScanner : IServerScanner
{
    private const string UrlVariable = "SONAR_HOST_URL";
    private const string TokenVariable = "SONAR_TOKEN";

    public string Name => "sonarqube";

    public ToolSpecification Tool { get; } = new("sonar-scanner", "sonar-scanner") { Image = new(ToolNetwork.Host) { CacheVariable = "SONAR_USER_HOME" } };

    /// <summary>How long between two looks at the server's task.</summary>
    internal TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>An analysis replaces what the server knows of the project, so it has to be the whole of it.</summary>
    public bool Fits(ScanTarget target) => target is SourceTarget { Files.Count: > 0, IsApart: false };

    public bool IsSetUp(ScanTarget target, ScannerSettings settings) =>
        target is SourceTarget source && (File.Exists(PropertiesOf(source)) || !string.IsNullOrEmpty(settings.SonarUrl ?? settings.Variable(UrlVariable)));

    public IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context)
    {
        var source = (SourceTarget)target;
        var work = Path.Combine(context.ReportFolder, "work");
        return
        [
            new ScannerCall(
                [
                    $"-Dsonar.host.url={Url(source, context.Settings)}",
                    $"-Dsonar.projectKey={Project(source, context.Settings)}",
                    $"-Dsonar.projectBaseDir={source.Folder}",
                    $"-Dsonar.working.directory={work}",
                    // An argument replaces what the file says, so it says that too.
                    $"-Dsonar.exclusions={string.Join(',', new[] { Property(source, "sonar.exclusions"), ".secops/**" }.OfType<string>())}",
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
        using var http = SonarServer.Client(Url((SourceTarget)target, context.Settings), context.Settings.Variable(TokenVariable));
        var server = new SonarServer(http, Project((SourceTarget)target, context.Settings), context.ReportFolder, Poll);
        var analysis = await server.WaitAsync(task, cancellation);
        sink.Quality = await server.QualityAsync(analysis.Id, cancellation);
        return await server.FindingsAsync(analysis.Place, cancellation);
    }

    private static string Url(SourceTarget source, ScannerSettings settings) => (settings.SonarUrl ?? settings.Variable(UrlVariable) ?? Property(source, "sonar.host.url")) is { Length: > 0 } url
        ? url
        : throw SecOpsException.Incomplete($"no SonarQube server is named. Set {UrlVariable} or scan.sonarUrl, or leave it out: --skip sonarqube.");

    private static string Project(SourceTarget source, ScannerSettings settings) =>
        settings.SonarProject ?? Property(source, "sonar.projectKey") ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(source.Root));

    private static string PropertiesOf(SourceTarget source) => Path.Combine(source.Folder, "sonar-project.properties");

    /// <summary>Null when the project's own file does not say.</summary>
    private static string? Property(SourceTarget source, string name) => !File.Exists(PropertiesOf(source)) ? null
        : File.ReadLines(PropertiesOf(source)).Select(l => l.Split('=', 2)).FirstOrDefault(l => l.Length == 2 && l[0].Trim() == name)?[1].Trim();
}
