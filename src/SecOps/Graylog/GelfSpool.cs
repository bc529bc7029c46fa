namespace SecOps.Graylog;

/// <summary>
/// Messages on their way: each is a file until it has been sent, so that a server that is away, or a run that is killed, loses none. Oldest first.
/// </summary>
/// <param name="folder">E.g. <c>.secops/graylog</c>.</param>
public sealed class GelfSpool(string folder)
{
    /// <summary>More than this is not kept: a server that never comes back must not fill the disk. The oldest go first.</summary>
    private const int MaxWaiting = 10_000;

    public string Folder => folder;

    /// <summary>Keeps messages until they are sent. A message whose id waits already is not kept twice.</summary>
    /// <returns>How many of the oldest had to go.</returns>
    /// <exception cref="SecOpsException">The folder cannot be written.</exception>
    public int Add(IEnumerable<GelfMessage> messages)
    {
        foreach (var message in messages)
        {
            // The time first, so that names sort by age; ids are ours: letters, digits, hyphens.
            var file = Path.Combine(folder, $"{message.Time.ToUnixTimeMilliseconds():D15}-{message.Id}.json");
            AtomicFile.Write(file, stream => stream.Write(message.ToJson()));
        }

        var waiting = Waiting();
        var dropped = waiting.Take(Math.Max(0, waiting.Count - MaxWaiting)).ToList();
        dropped.ForEach(File.Delete);
        return dropped.Count;
    }

    /// <summary>Sends what waits; what has arrived waits no longer.</summary>
    /// <returns>How many were sent.</returns>
    /// <exception cref="IOException">The server is away; the rest waits.</exception>
    public async Task<int> SendAsync(GelfSender sender, CancellationToken cancellation)
    {
        var files = Waiting();
        var sent = 0;
        await sender.SendAsync(
            [.. files.Select(File.ReadAllBytes)],
            index =>
            {
                File.Delete(files[index]);
                sent++;
            },
            cancellation);
        return sent;
    }

    /// <summary>Full paths, oldest first.</summary>
    public IReadOnlyList<string> Waiting() =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)] : [];
}
