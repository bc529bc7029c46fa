using SecOps.Scanners;
using SecOps.Toolbox;

namespace SecOps.Commands;

/// <summary><c>secops tools list</c>: every tool, pinned or known to a scanner.</summary>
internal static class ToolsList
{
    public static async Task<int> RunAsync(Workspace workspace, CancellationToken cancellation)
    {
        var specifications = ToolLock.Own.Tools.Select(ToolsCommand.Specification)
            .Concat(ScannerList.Scanners.Select(s => s.Tool)).DistinctBy(t => t.Name).OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        var rows = await Task.WhenAll(specifications.Select(t => RowAsync(workspace, t, cancellation)));
        var width = rows.Max(r => r.Name.Length);
        foreach (var row in rows)
        {
            var use = row.Path is null ? "missing" : $"{row.Version ?? "version unknown"} {row.Where}: {row.Path}";
            workspace.Terminal.Say($"{row.Name.PadRight(width)}  pinned {row.Pinned ?? "none",-8}  {use}{(row.TooOld ? $"  (too old: {row.Oldest} or newer is needed; {row.Advice})" : "")}");
        }

        ToolsCommand.Print(workspace.Terminal, json =>
        {
            foreach (var row in rows)
            {
                json.WriteStartObject();
                json.WriteString("name", row.Name);
                json.WriteString("pinned", row.Pinned);
                json.WriteBoolean("installed", row.Installed.Count > 0);
                json.WriteString("where", row.Where);
                json.WriteString("path", row.Path);
                json.WriteString("version", row.Version);
                json.WriteBoolean("tooOld", row.TooOld);
                json.WriteEndObject();
            }
        });
        return ExitCode.Clean;
    }

    private static async Task<Row> RowAsync(Workspace workspace, ToolSpecification tool, CancellationToken cancellation)
    {
        var installed = workspace.Tools.Folder.Installed(tool.Name).Select(i => i.Version).ToList();
        var location = await workspace.Tools.FindAsync(tool, cancellation);
        var version = location is null ? null : await workspace.Tools.VersionAsync(tool, location, cancellation);
        var where = location is null ? null
            : location.Source == "container" ? "container"
            : location.Path.StartsWith(workspace.Tools.Folder.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? "toolFolder" : "path";
        return new Row(tool.Name, ToolLock.Own.Find(tool.Name)?.Version, installed, where, location?.Path, version, ToolVersion.IsTooOld(tool, version), tool.OldestGood, ToolLock.Advice(tool));
    }

    private sealed record Row(string Name, string? Pinned, IReadOnlyList<string> Installed, string? Where, string? Path, string? Version, bool TooOld, Version? Oldest, string Advice);
}
