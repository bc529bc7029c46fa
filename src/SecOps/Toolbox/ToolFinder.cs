using SecOps.Processes;

namespace SecOps.Toolbox;

/// <summary>Finds tools: on PATH, unless what is there is too old and the tool folder has a good one; else in the tool folder.</summary>
/// <param name="path">The PATH variable's value.</param>
public sealed class ToolFinder(ToolFolder folder, string? path, ProcessRunner processes, VersionCache versions)
{
    public ToolFolder Folder { get; } = folder;

    /// <summary>Starts nothing: where PATH and the tool folder both have the tool and PATH's version is not known, PATH's.</summary>
    /// <returns>Null when the tool is not there.</returns>
    public ToolLocation? Find(ToolSpecification tool) =>
        Candidates(tool) is var (onPath, installed) ? Choose(tool, onPath, installed, onPath is null ? null : versions.Get(onPath)) : null;

    /// <summary>As <see cref="Find"/>, asking PATH's tool for its version when the choice depends on it.</summary>
    public async Task<ToolLocation?> FindAsync(ToolSpecification tool, CancellationToken cancellation)
    {
        var (onPath, installed) = Candidates(tool);
        var version = onPath is not null && installed is not null && tool.OldestGood is not null
            ? await VersionAsync(tool, new ToolLocation(onPath, "native"), cancellation)
            : null;
        return Choose(tool, onPath, installed, version);
    }

    /// <summary>The version: from the tool folder's name, from the cache, or from the tool itself.</summary>
    /// <returns>Null when the tool does not say.</returns>
    public async Task<string?> VersionAsync(ToolSpecification tool, ToolLocation location, CancellationToken cancellation)
    {
        if (Folder.VersionOf(tool.Name, location.Path) is { } installed)
        {
            return installed;
        }

        if (versions.Get(location.Path) is { } known)
        {
            return known;
        }

        var version = await ToolVersion.AskAsync(processes, tool, location.Path, cancellation);
        if (version is not null)
        {
            versions.Put(location.Path, version);
        }

        return version;
    }

    private (string? OnPath, (string Version, string Executable)? Installed) Candidates(ToolSpecification tool) =>
        (ExecutableFinder.Find(tool.Executable, path), Folder.Find(tool));

    private static ToolLocation? Choose(ToolSpecification tool, string? onPath, (string Version, string Executable)? installed, string? version)
    {
        var better = installed is { } i && (onPath is null || (ToolVersion.IsTooOld(tool, version) && !ToolVersion.IsTooOld(tool, i.Version)));
        var executable = better ? installed!.Value.Executable : onPath;
        return executable is null ? null : new ToolLocation(executable, "native");
    }
}
