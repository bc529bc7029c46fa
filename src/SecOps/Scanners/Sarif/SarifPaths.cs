namespace SecOps.Scanners.Sarif;

/// <summary>From the URIs of a run to paths relative to the scanned folder.</summary>
internal sealed class SarifPaths
{
    private readonly Dictionary<string, ReportNode> bases = new(StringComparer.Ordinal);

    /// <summary>Folders that the run calls its own: absolute paths below them become relative.</summary>
    private readonly List<string> folders = [];

    public void ReadBases(ReportNode node)
    {
        foreach (var (name, location) in node.Members)
        {
            bases[name] = location;
            if (location["uri"].Text is { } uri)
            {
                AddFolder(uri);
            }
        }
    }

    /// <param name="uri">A file URI; anything else, and the root, is no folder to cut off.</param>
    public void AddFolder(string? uri)
    {
        if (uri?.Trim() is { } text && text.StartsWith("file:", StringComparison.OrdinalIgnoreCase) && Local(text).TrimEnd('/') is { Length: > 0 } folder)
        {
            folders.Add(folder + "/");
            folders.Sort((a, b) => b.Length - a.Length);
        }
    }

    /// <summary>The path, or the web address for pages; both null when there is no URI.</summary>
    public (string? Path, string? Url) Resolve(SarifArtifact artifact, ReportSink sink)
    {
        if (artifact.Uri?.Trim() is not { } uri)
        {
            return (null, null);
        }

        if (ReportSink.WebAddress(uri) is not null)
        {
            return (null, uri);
        }

        var path = Local(uri);
        if (!IsAbsolute(path))
        {
            path = Prefix(artifact.BaseId) + path;
        }

        var relative = sink.RelativePath(path);
        if (IsAbsolute(relative) && folders.Find(f => relative.StartsWith(f, StringComparison.Ordinal)) is { } folder)
        {
            relative = relative[folder.Length..];
        }

        return (relative, null);
    }

    /// <summary>Base folders that are relative to another one are part of the path; an absolute one is the checkout.</summary>
    private string Prefix(string? id)
    {
        var prefix = "";
        for (var depth = 0; depth < 8 && id is not null && bases.TryGetValue(id, out var location); depth++)
        {
            if (location["uri"].Text?.Trim() is not { } uri || uri.Contains(':', StringComparison.Ordinal) || uri.StartsWith('/'))
            {
                break;
            }

            prefix = Local(uri).TrimEnd('/') + "/" + prefix;
            id = location["uriBaseId"].Text;
        }

        return prefix;
    }

    /// <summary>The local path of a file URI or a relative reference; percent-encoding undone. What is no URI stays as it is.</summary>
    private static string Local(string uri)
    {
        var path = uri;
        if (path.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            path = path[5..];
            // file:///x and file://host/x; some tools write file:////x.
            path = path.StartsWith("//", StringComparison.Ordinal) ? "/" + path.TrimStart('/') : path;
            if (path.Length > 2 && path[0] == '/' && char.IsAsciiLetter(path[1]) && path[2] is ':' or '|')
            {
                path = path[1..];
            }
        }

        return Uri.UnescapeDataString(path).Replace('\\', '/');
    }

    private static bool IsAbsolute(string path) => path.StartsWith('/') || (path.Length > 1 && char.IsAsciiLetter(path[0]) && path[1] == ':');
}
