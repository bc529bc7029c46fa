using System.Globalization;
using SecOps.Configuration;
using SecOps.Findings;
using SecOps.Scanners;
using SecOps.Toolbox;

namespace SecOps.Commands;

/// <summary><c>secops</c> alone: what it sees here, and which command comes next.</summary>
internal static class OverviewCommand
{
    public static async Task<int> RunAsync(Workspace workspace, CancellationToken cancellation)
    {
        var terminal = workspace.Terminal;
        var (git, root) = workspace.RootOf(workspace.Directory);
        var configuration = workspace.Configuration(workspace.Directory);
        var files = await SourceFiles.ListAsync(git, root, workspace.Directory, cancellation);
        var target = new SourceTarget(".", root, files);
        var fitting = ScannerList.Fitting(target, ScanOperation.Settings(workspace, configuration.Scan)).ToList();
        var missing = fitting.Where(s => workspace.Tools.Find(s.Tool) is null).ToList();
        terminal.Say(string.Create(CultureInfo.InvariantCulture, $"secops {Product.Version} in {workspace.Directory}: {Words.Count(files.Count, "file")}{(git is null ? "" : ", in git")}"));
        terminal.Say($"configuration: {configuration.File ?? $"none ({SecOpsConfiguration.FileName} is optional)"}");
        terminal.Say(fitting.Count == 0 ? "scanners: none fits what is here" : "scanners that fit: " + string.Join(", ", fitting.Select(s => s.Name + (missing.Contains(s) ? " (missing)" : ""))));
        terminal.Say(File.Exists(workspace.FindingsFile) ? "last scan: " + LastScan(workspace.FindingsFile) : "last scan: none");
        terminal.Say("next: " + Next(workspace, missing));
        return ExitCode.Clean;
    }

    private static string LastScan(string file)
    {
        try
        {
            var document = FindingsReader.Read(file);
            return string.Create(CultureInfo.InvariantCulture, $"{Words.Count(document.Summary.Total, "finding")}, gate {Words.Of(document.Gate?.Verdict ?? Verdict.Incomplete)}, {document.Run.FinishedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
        }
        catch (SecOpsException e)
        {
            return "unreadable: " + e.Message;
        }
    }

    private static string Next(Workspace workspace, List<IScanner> missing) =>
        missing.Where(s => ToolLock.Own.Find(s.Tool.Name) is not null).Select(s => s.Tool.Name).ToList() is { Count: > 0 } installable ? $"secops tools install {string.Join(' ', installable)}"
        : File.Exists(workspace.FindingsFile) ? "secops report --format html (or secops --help for everything else)"
        : "secops scan (or secops --help for everything else)";
}
