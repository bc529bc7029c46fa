namespace SecOps.Scanners;

/// <summary>What is scanned.</summary>
/// <param name="Shown">As it stands in coverage and progress.</param>
public abstract record ScanTarget(string Shown);

/// <summary>Files of a source tree.</summary>
/// <param name="Root">The repository's top folder, or the scanned folder outside git; full path. All paths are relative to it.</param>
/// <param name="Files">The files to scan, relative to the root, with /, sorted.</param>
public sealed record SourceTarget(string Shown, string Root, IReadOnlyList<string> Files) : ScanTarget(Shown);
