using System.Text;

namespace SecOps.Remediation;

/// <summary>Reads the files of a tree that a fix may look at: plain text files inside it, none of them a link.</summary>
/// <param name="root">Full path.</param>
/// <param name="files">Relative to the root, with /, sorted.</param>
/// <param name="scope">The project's folder, relative to the root with /; empty for the root itself.</param>
public sealed class SourceTree(string root, IReadOnlyList<string> files, string scope = "")
{
    /// <summary>A larger file is not source that somebody wrote.</summary>
    public const int MaxFileSize = 256 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private IReadOnlyDictionary<string, string> texts = new Dictionary<string, string>();

    public string Root { get; } = root;

    public IReadOnlyList<string> Files { get; } = files;

    /// <summary>The same tree, in which some files have another text.</summary>
    public SourceTree With(IReadOnlyDictionary<string, string> others) => new(Root, Files, scope) { texts = others };

    /// <summary>The path within the project: a project that lies in somebody's folder of tests is no test for that.</summary>
    public string InProject(string path) => scope.Length > 0 && path.StartsWith(scope + "/", StringComparison.Ordinal) ? path[(scope.Length + 1)..] : path;

    /// <summary>The file's text with its byte-order mark and its line ends; null when it is absent, a link, too large or not UTF-8.</summary>
    public string? Read(string path)
    {
        if (texts.TryGetValue(path, out var other))
        {
            return other;
        }

        if (FullPath(path) is not { } full)
        {
            return null;
        }

        try
        {
            var file = new FileInfo(full);
            if (!file.Exists || file.LinkTarget is not null || file.Length > MaxFileSize)
            {
                return null;
            }

            var text = Strict.GetString(File.ReadAllBytes(full));
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (Exception e) when (e is DecoderFallbackException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes UTF-8 without adding a mark.</summary>
    public void Write(string path, string text) =>
        File.WriteAllBytes(FullPath(path) ?? throw SecOpsException.Tool($"{path} is no place for a fix: it leads out of the tree."), Strict.GetBytes(text));

    /// <summary>The full path; null when it leads out of the tree, by <c>..</c> or through a link.</summary>
    public string? FullPath(string path)
    {
        if (path.Length == 0 || path.Contains('\\', StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal) || Path.IsPathRooted(path)
            || path.Split('/').Any(part => part is "" or "." or ".."))
        {
            return null;
        }

        var full = Root;
        foreach (var part in path.Split('/')[..^1])
        {
            full = Path.Combine(full, part);
            if (new DirectoryInfo(full) is { Exists: true, LinkTarget: not null })
            {
                return null;
            }
        }

        return Path.Combine(Root, path);
    }
}
