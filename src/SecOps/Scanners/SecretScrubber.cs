using System.Text;
using SecOps.Findings;
using SecOps.Processes;

namespace SecOps.Scanners;

/// <summary>Takes this process's secrets out of what scanners wrote: a scanner may find, or echo, the very key it was given.</summary>
public static class SecretScrubber
{
    private const int Chunk = 1 << 20;

    /// <summary>The finding without any registered secret. Its id was made before and stays.</summary>
    public static Finding Scrub(Finding f, Redactor redactor) => redactor.IsEmpty ? f : f with
    {
        Title = redactor.Redact(f.Title),
        Message = redactor.RedactOrNull(f.Message),
        Rule = f.Rule with { Name = redactor.RedactOrNull(f.Rule.Name), Url = redactor.RedactOrNull(f.Rule.Url) },
        Location = f.Location with
        {
            Package = f.Location.Package is { } p ? new Package(redactor.RedactOrNull(p.Purl), redactor.Redact(p.Name), redactor.RedactOrNull(p.Version), redactor.RedactOrNull(p.FixedVersion), p.Manifest) : null,
            Snippet = redactor.RedactOrNull(f.Location.Snippet),
            Url = redactor.RedactOrNull(f.Location.Url),
            Parameter = redactor.RedactOrNull(f.Location.Parameter),
            Resource = redactor.RedactOrNull(f.Location.Resource),
        },
        Fix = f.OwnFix is null ? null : f.OwnFix with { Description = redactor.RedactOrNull(f.OwnFix.Description) },
    };

    public static Coverage Scrub(Coverage c, Redactor redactor) => c with
    {
        Message = redactor.RedactOrNull(c.Message),
        Unread = [.. c.Unread.Select(u => u with { Reason = redactor.Redact(u.Reason) })],
    };

    /// <summary>Overwrites secrets in a file with as many asterisks: its length, and so its syntax, stays.</summary>
    public static void Scrub(string file, Redactor redactor)
    {
        var secrets = redactor.Secrets.Select(Encoding.UTF8.GetBytes).ToList();
        if (secrets.Count == 0)
        {
            return;
        }

        var overlap = secrets.Max(s => s.Length) - 1;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        var buffer = new byte[Chunk + overlap];
        for (long at = 0; at < stream.Length; at += Chunk)
        {
            stream.Position = at;
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            foreach (var secret in secrets)
            {
                var from = 0;
                int found;
                while ((found = buffer.AsSpan(from, length - from).IndexOf(secret)) >= 0)
                {
                    from += found;
                    buffer.AsSpan(from, secret.Length).Fill((byte)'*');
                    stream.Position = at + from;
                    stream.Write(buffer.AsSpan(from, secret.Length));
                }
            }
        }
    }
}
