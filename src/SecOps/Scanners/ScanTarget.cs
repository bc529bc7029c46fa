namespace SecOps.Scanners;

/// <summary>What is scanned.</summary>
/// <param name="Shown">As it stands in coverage and progress.</param>
public abstract record ScanTarget(string Shown);

/// <summary>Files of a source tree.</summary>
/// <param name="Root">The repository's top folder, or the scanned folder outside git; full path. All paths are relative to it.</param>
/// <param name="Files">The files to scan, relative to the root, with /, sorted.</param>
public sealed record SourceTarget(string Shown, string Root, IReadOnlyList<string> Files) : ScanTarget(Shown)
{
    /// <summary>The folder, or the one file, that was asked for, relative to the root; empty: the root itself.</summary>
    public string Path { get; init; } = "";

    /// <summary>Files laid out apart: those of a change alone, as they are or were, or a tree that is tried out. A server must not take it for the project.</summary>
    public bool IsApart { get; init; }

    /// <summary>The folder that <see cref="Path"/> is or lies in, full path.</summary>
    public string Folder => System.IO.Path.Combine(Root, IsFile ? System.IO.Path.GetDirectoryName(Path)! : Path);

    /// <summary>What paths relative to <see cref="Folder"/> lack, with / at the end.</summary>
    public string FolderPrefix => System.IO.Path.GetRelativePath(Root, Folder) is var relative && relative == "." ? "" : relative.Replace('\\', '/') + "/";

    private bool IsFile => Path.Length > 0 && File.Exists(System.IO.Path.Combine(Root, Path));
}

/// <summary>A container image, in the local Engine or in a registry.</summary>
public sealed record ImageTarget(string Reference) : ScanTarget(Reference);

/// <summary>A running web application.</summary>
public sealed record UrlTarget(Uri Address) : ScanTarget(Address.ToString());
