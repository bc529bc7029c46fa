using SecOps.Processes;
using SecOps.Toolbox;

namespace SecOps.Scanners;

/// <summary>Scans file by file: takes from the cache what is known, splits the rest over the cores, and puts one report a tree together.</summary>
/// <param name="trees">They have one configuration; with several, an empty one. Scanned in the same processes: starting an interpreter costs more than a few files.</param>
internal sealed class FileScan(IFileScanner scanner, IReadOnlyList<FileTree> trees, string? cacheFolder, Redactor redactor)
{
    /// <summary>The system's limit on all arguments together is 128 KB or more; a batch stays well below.</summary>
    public const int MaxBatchLength = 60_000;

    /// <summary>Below this much source, starting a second interpreter costs more than it saves.</summary>
    private const long WorthSplitting = 150_000;

    private readonly SourceTarget target = trees[0].Target;

    /// <param name="call">Runs one call to its report.</param>
    /// <returns>The files of the first tree that the tool left out; the reports are written.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(ToolLocation location, Task<string?> version, Func<ScannerCall, Task> call, int cores)
    {
        var files = trees.SelectMany((tree, i) => scanner.FilesOf(tree.Target).Select(file => new Entry(i, file))).ToList();
        // With nothing kept there is nothing to look up, and no need to wait for the version.
        var cache = cacheFolder is not null && Directory.Exists(cacheFolder) ? await CacheAsync(location, version) : null;
        var parts = new string?[files.Count];
        var keys = new string?[files.Count];
        if (cache is not null)
        {
            Parallel.For(0, files.Count, i => parts[i] = TryKey(cache, files[i]) is { } key ? cache.Get(keys[i] = key) : null);
        }

        var open = Enumerable.Range(0, files.Count).Where(i => parts[i] is null).ToList();
        var found = await ScanAsync([.. open.Select(i => files[i])], call, cores);
        cache ??= open.Count == 0 ? null : await CacheAsync(location, version);
        var leftOut = new List<string>();
        foreach (var i in open)
        {
            if (!found.TryGetValue(files[i], out parts[i]))
            {
                leftOut.AddRange(files[i].Tree == 0 ? [files[i].File] : Array.Empty<string>());
            }
            // A scanner may echo a secret of ours; the cache is no place for it.
            else if (cache is not null && redactor.Redact(parts[i]!) == parts[i] && (keys[i] ?? TryKey(cache, files[i])) is { } key)
            {
                cache.Put(key, parts[i]!);
            }
        }

        for (var tree = 0; tree < trees.Count; tree++)
        {
            await using var stream = new FileStream(trees[tree].Report, FileMode.Create, FileAccess.Write);
            scanner.Join(parts.Where((part, i) => files[i].Tree == tree && part is not null).OfType<string>(), stream);
        }

        return leftOut;
    }

    private async Task<Dictionary<Entry, string>> ScanAsync(IReadOnlyList<Entry> files, Func<ScannerCall, Task> call, int cores)
    {
        var batches = Batches(files, cores);
        var reports = await Task.WhenAll(batches.Select(async (batch, i) =>
        {
            var file = $"{trees[0].Report}.{i}";
            await call(scanner.PlanFiles(target, [.. batch.Select(NameOf)], file));
            using var stream = ReportText.Open(file);
            return scanner.Split(stream, name => Place(name).File);
        }));
        var found = new Dictionary<Entry, string>();
        foreach (var (file, part) in reports.SelectMany(r => r))
        {
            found[Place(file)] = part;
        }

        return found;
    }

    /// <summary>As it is called: the tool runs at the first tree's root.</summary>
    private string NameOf(Entry entry) => entry.Tree == 0 ? entry.File : Path.Combine(trees[entry.Tree].Target.Root, entry.File);

    /// <summary>Whose file the tool means.</summary>
    private Entry Place(string reported)
    {
        for (var i = trees.Count - 1; i > 0; i--)
        {
            if (reported.StartsWith(trees[i].Target.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                return new Entry(i, Relative(i, reported));
            }
        }

        return new Entry(0, Relative(0, reported));
    }

    private string Relative(int tree, string reported) => new ReportSink(scanner.Name, trees[tree].Target.Root).RelativePath(reported);

    /// <summary>The largest files first, each to the batch with the least: all end about together.</summary>
    private List<List<Entry>> Batches(IReadOnlyList<Entry> files, int cores)
    {
        var sized = files.Select(f => (File: f, Size: SizeOf(f))).OrderByDescending(f => f.Size).ToList();
        var total = sized.Sum(f => f.Size);
        var bySize = total < WorthSplitting ? 1 : (int)Math.Min(cores, total / (WorthSplitting / 2));
        var byLength = files.Sum(f => NameOf(f).Length + 3) / MaxBatchLength + 1;
        var batches = Enumerable.Range(0, Math.Max(bySize, byLength)).Select(_ => (Files: new List<Entry>(), Size: 0L, Length: 0)).ToArray();
        foreach (var (file, size) in sized)
        {
            var least = 0;
            for (var b = 1; b < batches.Length; b++)
            {
                least = batches[b].Size < batches[least].Size && batches[b].Length < MaxBatchLength ? b : least;
            }

            batches[least].Files.Add(file);
            batches[least].Size += size + 500;
            batches[least].Length += NameOf(file).Length + 3;
        }

        return [.. batches.Where(b => b.Files.Count > 0).Select(b => b.Files)];
    }

    private long SizeOf(Entry file) => new FileInfo(Path.Combine(trees[file.Tree].Target.Root, file.File)) is { Exists: true } info ? info.Length : 0;

    private string? TryKey(ResultCache cache, Entry file)
    {
        try
        {
            return cache.KeyOf(trees[file.Tree].Target.Root, file.File);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The scanner will say what is wrong with it.
            return null;
        }
    }

    /// <returns>Null when the tool does not tell its version: then nothing can be kept.</returns>
    private async Task<ResultCache?> CacheAsync(ToolLocation location, Task<string?> version) =>
        cacheFolder is not null && await version is { } known ? new ResultCache(cacheFolder, $"{scanner.Name}\0{known}\0{Interpreter(location.Path)}\0{scanner.ConfigurationOf(target)}") : null;

    /// <summary>A script's interpreter is a part of the tool: another Python reads other sources.</summary>
    private static string Interpreter(string executable)
    {
        try
        {
            using var reader = new StreamReader(executable);
            Span<char> start = stackalloc char[256];
            var line = start[..reader.Read(start)].ToString().Split('\n')[0].Trim();
            if (!line.StartsWith("#!", StringComparison.Ordinal))
            {
                return executable;
            }

            var interpreter = new FileInfo(line[2..].Trim().Split(' ')[0]);
            var real = interpreter.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? interpreter;
            return real.Exists ? $"{executable} {real.FullName} {real.Length} {real.LastWriteTimeUtc.Ticks}" : executable;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return executable;
        }
    }

    private readonly record struct Entry(int Tree, string File);
}

/// <summary>Files below one root, and where their report goes.</summary>
internal sealed record FileTree(SourceTarget Target, string Report);
