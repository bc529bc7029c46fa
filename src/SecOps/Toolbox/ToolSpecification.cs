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

    /// <summary>How it runs from its container image where the tool itself is absent; null: there is no image of it.</summary>
    public ToolImage? Image { get; init; }
}

/// <summary>How a tool runs in a container. Which image that is stands in the lock file, by digest.</summary>
/// <param name="Network">What a scan of files needs.</param>
public sealed record ToolImage(ToolNetwork Network)
{
    /// <summary>The variable that names the folder which is kept from one run to the next (a vulnerability database); null: nothing is kept.</summary>
    public string? CacheVariable { get; init; }

    /// <summary>Its programs run as the image's own user alone.</summary>
    public bool OwnUser { get; init; }
}

/// <summary>None; the outside, for a database; the host's, where a server may listen on localhost.</summary>
public enum ToolNetwork { None, Outside, Host }

/// <summary>A tool that was found.</summary>
/// <param name="Path">Full path of the executable, or the image reference of a container.</param>
/// <param name="Source">native or container.</param>
public sealed record ToolLocation(string Path, string Source);
