using System.Runtime.ExceptionServices;
using System.Text.Json;

namespace SecOps.Findings.Json;

/// <summary>
/// Writes the elements of a long array: rendered on all cores, chunk by chunk, and written in their order. Who has rendered one before its turn
/// goes on with another: whose turn it is writes what others have rendered as well.
/// </summary>
internal static class JsonChunks
{
    /// <summary>So many chunks, and no more, are rendered and not yet written; then whoever has none to write waits.</summary>
    private const int Ahead = 4;

    /// <summary>The elements of the array that the writer has just begun.</summary>
    /// <param name="stream">The one that the writer writes to.</param>
    /// <param name="together">So many are rendered at a time: half a megabyte, which is still in the core's cache when it is written.</param>
    /// <param name="touch">Asks memory for what will be rendered of an element; see <see cref="Finding.Touch"/>.</param>
    public static void Write<T>(Utf8JsonWriter json, Stream stream, IReadOnlyList<T> elements, int together, Action<JsonText, T> render, Func<T, int> touch)
    {
        if (elements.Count == 0)
        {
            return;
        }

        json.Flush();
        var (chunks, depth) = ((elements.Count + together - 1) / together, json.CurrentDepth);
        using var queue = new Queue(stream, chunks);
        void Render(int chunk, JsonText text)
        {
            text.Restart(depth, afterElement: chunk > 0);
            var (from, to) = (chunk * together, Math.Min((chunk + 1) * together, elements.Count));
            for (var i = from; i < to; i++)
            {
                _ = touch(elements[i]);
            }

            for (var i = from; i < to; i++)
            {
                render(text, elements[i]);
            }
        }

        Parallel.Invoke([.. Enumerable.Repeat(() => queue.Work(Render), Math.Min(chunks, Math.Min(Ahead, Environment.ProcessorCount)))]);
        queue.Failure?.Throw();

        // The array's end would stand right behind: its writer knows of no element.
        stream.Write([(byte)'\n', .. Enumerable.Repeat((byte)' ', 2 * (depth - 1))]);
    }

    /// <summary>The chunks from the first that is not written on.</summary>
    private sealed class Queue(Stream stream, int chunks) : IDisposable
    {
        private readonly object turn = new();
        private readonly JsonText?[] rendered = new JsonText?[Ahead];
        private readonly Stack<JsonText> free = [];
        private int taken;
        private int written;
        private bool writing;

        public ExceptionDispatchInfo? Failure { get; private set; }

        public void Work(Action<int, JsonText> render)
        {
            try
            {
                while (Take(out var chunk) is { } text)
                {
                    render(chunk, text);
                    lock (turn)
                    {
                        rendered[chunk % Ahead] = text;
                    }

                    WriteRendered();
                }
            }
            catch (Exception e)
            {
                lock (turn)
                {
                    Failure ??= ExceptionDispatchInfo.Capture(e);
                    Monitor.PulseAll(turn);
                }
            }
        }

        public void Dispose()
        {
            foreach (var text in free.Concat(rendered.OfType<JsonText>()))
            {
                text.Dispose();
            }
        }

        /// <summary>The next chunk, and what to render it to; null when there is none.</summary>
        private JsonText? Take(out int chunk)
        {
            lock (turn)
            {
                chunk = taken++;
                while (chunk < chunks && chunk - written >= Ahead && Failure is null)
                {
                    Monitor.Wait(turn);
                }

                return chunk >= chunks || Failure is not null ? null : free.TryPop(out var text) ? text : new JsonText();
            }
        }

        /// <summary>Writes what can be written, unless somebody does.</summary>
        private void WriteRendered()
        {
            while (Next() is { } text)
            {
                stream.Write(text.Written);
                lock (turn)
                {
                    free.Push(text);
                    (writing, written) = (false, written + 1);
                    Monitor.PulseAll(turn);
                }
            }
        }

        /// <summary>What is to be written next, if it is rendered and nobody writes; it is then the caller's to write.</summary>
        private JsonText? Next()
        {
            lock (turn)
            {
                ref var next = ref rendered[written % Ahead];
                if (writing || next is not { } text)
                {
                    return null;
                }

                (next, writing) = (null, true);
                return text;
            }
        }
    }
}
