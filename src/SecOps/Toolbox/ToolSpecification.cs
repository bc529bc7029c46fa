using System.Text.RegularExpressions;

namespace SecOps.Toolbox;

/// <summary>What is to be known of a tool to find it and to judge its version.</summary>
/// <param name="Name">As in <c>secops tools install NAME</c>.</param>
/// <param name="Executable">Its file's name, without extension.</param>
public sealed record ToolSpecification(string Name, string Executable)
{
    /// <summary>Arguments that make it print its version.</summary>
    public IReadOnlyList<string> VersionArguments { get; init; } = ["--version"];

    /// <summary>Finds the version in what it prints; the first group is the version.</summary>
    public Regex VersionPattern { get; init; } = ToolVersion.Usual;

    /// <summary>Older versions give wrong or partial results; null: any will do.</summary>
    public Version? OldestGood { get; init; }

    /// <summary>Container image by digest to use where the tool itself is absent; null: none.</summary>
    public string? ContainerImage { get; init; }
}

/// <summary>A tool that was found.</summary>
/// <param name="Path">Full path of the executable, or the image reference of a container.</param>
/// <param name="Source">native or container.</param>
public sealed record ToolLocation(string Path, string Source);
