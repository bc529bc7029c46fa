using System.Text;

namespace SecOps.Remediation;

/// <summary>
/// Brings proven changes into the user's work tree, all of them or none. The old contents are kept beside the results until the
/// last file is in place, so that a run that was killed in between is undone by the next one.
/// </summary>
/// <param name="folder">Full path of a folder for the old contents, such as <c>.secops/remediate</c>.</param>
public sealed class WorkTreeWriter(string root, string folder)
{
    private const string Journal = "journal";

    /// <summary>Undoes what a killed run left half done.</summary>
    /// <returns>The files that were put back.</returns>
    public IReadOnlyList<string> Recover()
    {
        var journal = Path.Combine(folder, Journal);
        if (!File.Exists(journal))
        {
            return [];
        }

        var files = File.ReadAllLines(journal);
        var tree = new SourceTree(root, []);
        for (var i = 0; i < files.Length; i++)
        {
            var kept = Path.Combine(folder, $"{i}.before");
            if (tree.FullPath(files[i]) is { } target && File.Exists(kept))
            {
                Place(File.ReadAllBytes(kept), target, i);
            }
        }

        File.Delete(journal);
        Directory.Delete(folder, recursive: true);
        return files;
    }

    /// <param name="changes">Path, the bytes that have to be there now, and the new ones.</param>
    /// <returns>Files that are no longer as they were when the run began; when there is one, nothing is written.</returns>
    public IReadOnlyList<string> Write(IReadOnlyList<(string Path, byte[] Before, byte[] After)> changes)
    {
        var tree = new SourceTree(root, []);
        var targets = changes.Select(c => tree.FullPath(c.Path) ?? throw SecOpsException.Tool($"{c.Path} leads out of the tree.")).ToList();
        var drifted = changes.Where((c, i) => !File.Exists(targets[i]) || new FileInfo(targets[i]).LinkTarget is not null || !File.ReadAllBytes(targets[i]).AsSpan().SequenceEqual(c.Before)).Select(c => c.Path).ToList();
        if (drifted.Count > 0 || changes.Count == 0)
        {
            return drifted;
        }

        Directory.CreateDirectory(folder);
        for (var i = 0; i < changes.Count; i++)
        {
            File.WriteAllBytes(Path.Combine(folder, $"{i}.before"), changes[i].Before);
        }

        AtomicFile.Write(Path.Combine(folder, Journal), stream => stream.Write(Encoding.UTF8.GetBytes(string.Join('\n', changes.Select(c => c.Path)) + "\n")));
        try
        {
            for (var i = 0; i < changes.Count; i++)
            {
                Place(changes[i].After, targets[i], i);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Recover();
            throw SecOpsException.Tool($"the work tree can't be written, and was left as it was: {e.Message}", e);
        }

        File.Delete(Path.Combine(folder, Journal));
        Directory.Delete(folder, recursive: true);
        return [];
    }

    /// <summary>Written apart and moved into place where both are on one disk: a file is old or new, never half. Keeps the file's mode.</summary>
    private void Place(byte[] content, string target, int number)
    {
        var staged = Path.Combine(folder, $"{number}.after");
        File.WriteAllBytes(staged, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(staged, File.GetUnixFileMode(target));
        }

        File.Move(staged, target, overwrite: true);
    }
}
