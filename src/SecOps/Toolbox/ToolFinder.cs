using SecOps.Processes;

namespace SecOps.Toolbox;

/// <summary>Finds tools: on PATH, else in the tool folder.</summary>
public sealed class ToolFinder(ToolFolder folder, string? path)
{
    public ToolFolder Folder { get; } = folder;

    /// <returns>Null when the tool is not there.</returns>
    public ToolLocation? Find(ToolSpecification tool)
    {
        var executable = ExecutableFinder.Find(tool.Executable, path) ?? Folder.Find(tool)?.Executable;
        return executable is null ? null : new ToolLocation(executable, "native");
    }
}
