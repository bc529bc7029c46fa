using System.Globalization;
using SecOps.Remediation.Bedrock;

namespace SecOps.Commands;

/// <summary>Where the model's audit log lies, and whether its chain holds.</summary>
internal static class RemediateAudit
{
    public static string FileOf(Workspace workspace) => Path.Combine(workspace.Folder, "remediate-audit.jsonl");

    /// <summary>Says whether every line is as it was written.</summary>
    /// <exception cref="SecOpsException">There is no log (exit code 2), or a line was changed, taken out or put in (exit code 3).</exception>
    public static int Verify(Workspace workspace)
    {
        var file = FileOf(workspace);
        if (!File.Exists(file))
        {
            throw SecOpsException.Usage($"{file} is not there: no model was asked yet, or --output names another folder.");
        }

        if (AuditLog.FirstBroken(file) is { } line)
        {
            throw SecOpsException.Incomplete(string.Create(CultureInfo.InvariantCulture, $"{file}, line {line}: it is not what was written there, or a line before it is missing. From there on the log proves nothing."));
        }

        var lines = File.ReadLines(file).ToList();
        workspace.Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{lines.Count} lines, all as they were written. The last one's hash is {AuditLog.HashIn(lines[^1])}; pull requests name the hash they were opened with."));
        return ExitCode.Clean;
    }
}
