namespace SecOps.Graylog;

/// <summary>
/// Messages on their way: each is a file until it has been sent, so that a server that is away, or a run that is killed, loses none. What has been sent
/// is remembered, so that telling about the same run again adds nothing. Oldest first.
/// </summary>
/// <param name="folder">E.g. <c>.secops/graylog</c>.</param>
/// <param name="server">Its address: what one server has been told is still news to another.</param>
public sealed class GelfSpool(string folder, string server)
{
    /// <summary>More than this is not kept: a server that never comes back must not fill the disk. The oldest go first.</summary>
    private const int MaxWaiting = 10_000;
    private const int MaxRemembered = 50_000;

    public string Folder => folder;

    private string Sent => Path.Combine(folder, "sent.txt");

    /// <summary>Held while messages are added and sent: two commands at once would send the same ones.</summary>
    /// <exception cref="IOException">Another command holds it for too long.</exception>
    public async Task<IDisposable> LockAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        for (var tries = 1; ; tries++)
        {
            try
            {
                return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tries < 100)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300), cancellation);
            }
            catch (IOException e)
            {
                throw new IOException("another secops is sending from there", e);
            }
        }
    }

    /// <summary>Keeps messages until they are sent. What waits already, or has been sent to this server, is left alone.</summary>
    /// <returns>How many of the oldest had to go.</returns>
    /// <exception cref="SecOpsException">The folder cannot be written.</exception>
    public int Add(IEnumerable<GelfMessage> messages)
    {
        var sent = Remembered();
        foreach (var message in messages.Where(m => !sent.Contains(Line(Name(m.Id)))))
        {
            // The time first, so that names sort by age.
            var file = Path.Combine(folder, $"{message.Time.ToUnixTimeMilliseconds():D15}-{Name(message.Id)}.json");
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
                File.AppendAllText(Sent, Line(Path.GetFileNameWithoutExtension(files[index])[16..]) + "\n");
                File.Delete(files[index]);
                sent++;
            },
            cancellation);
        return sent;
    }

    /// <summary>Full paths, oldest first.</summary>
    public IReadOnlyList<string> Waiting() =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)] : [];

    private HashSet<string> Remembered()
    {
        if (!File.Exists(Sent))
        {
            return [];
        }

        var lines = File.ReadAllLines(Sent);
        if (lines.Length > 2 * MaxRemembered)
        {
            lines = lines[^MaxRemembered..];
            AtomicFile.WriteText(Sent, string.Join('\n', lines) + "\n");
        }

        return [.. lines];
    }

    private string Line(string name) => $"{server} {name}";

    /// <summary>An id as a file's name. It is made of ids in findings.json, which may come from anywhere.</summary>
    private static string Name(string id)
    {
        var name = string.Concat(id.Take(150).Select(c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_'));
        return name == id ? name : name + "-" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)))[..16];
    }
}
