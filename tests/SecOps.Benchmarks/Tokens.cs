using System.Text.Json;

namespace SecOps.Benchmarks;

/// <summary>What everything else is measured against: every token of the files, read and counted, and nothing more.</summary>
internal static class Tokens
{
    public static int Run(string[] files)
    {
        long tokens = 0;
        foreach (var file in files)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            var buffer = new byte[64 * 1024];
            var state = new JsonReaderState(new JsonReaderOptions { MaxDepth = 512 });
            var kept = 0;
            while (true)
            {
                if (kept == buffer.Length)
                {
                    Array.Resize(ref buffer, buffer.Length * 2);
                }

                var read = stream.Read(buffer.AsSpan(kept));
                var reader = new Utf8JsonReader(buffer.AsSpan(0, kept + read), isFinalBlock: read == 0, state);
                while (reader.Read())
                {
                    tokens++;
                }

                if (read == 0)
                {
                    break;
                }

                var consumed = (int)reader.BytesConsumed;
                buffer.AsSpan(consumed, kept + read - consumed).CopyTo(buffer);
                kept += read - consumed;
                state = reader.CurrentState;
            }
        }

        Console.WriteLine(tokens);
        return 0;
    }
}
