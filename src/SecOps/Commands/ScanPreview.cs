using System.Globalization;
using SecOps.Scanners;
using SecOps.Toolbox;

namespace SecOps.Commands;

/// <summary>Says what a scan would do: a line for each report that would be read and for each scanner with its target and its tool.</summary>
internal sealed class ScanPreview(Workspace workspace, ScannerSettings settings)
{
    private readonly ContainerTool containers = new(workspace.Processes, settings);

    public void Say(IReadOnlyList<ImportJob> imports, bool aws, IReadOnlyList<ScanJob> jobs)
    {
        foreach (var import in imports)
        {
            workspace.Terminal.Say($"{import.Reader.Name}: reads {import.File}{(File.Exists(workspace.FullPath(import.File)) ? "" : ", which does not exist")}");
        }

        if (aws)
        {
            workspace.Terminal.Say("aws: asks Inspector, ECR and GuardDuty");
        }

        foreach (var job in jobs)
        {
            workspace.Terminal.Say($"{job.Scanner.Name}: {What(job)} ({How(job)}{(job.Required ? "; must complete" : "")})");
        }

        if (jobs.Count + imports.Count == 0 && !aws)
        {
            workspace.Terminal.Say("Nothing here fits a scanner.");
        }
    }

    private static string What(ScanJob job) =>
        !job.Scanner.Fits(job.Target) ? "nothing for it to scan here"
            : job is { Scanner: IFileScanner scanner, Target: SourceTarget source }
                ? string.Create(CultureInfo.InvariantCulture, $"{scanner.FilesOf(source).Count()} of {source.Files.Count} files in {source.Shown}")
            : job.Target.Shown;

    private string How(ScanJob job) =>
        workspace.Tools.Find(job.Scanner.Tool) is { } found ? $"with {found.Path}"
            : job.MayUseContainer && containers.ImageOf(job.Scanner.Tool) is { } image ? $"with the image {image} if Docker answers; else missing"
            : $"missing: {ToolLock.Advice(job.Scanner.Tool)}";
}
