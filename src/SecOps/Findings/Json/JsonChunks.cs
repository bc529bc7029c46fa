using System.Runtime.ExceptionServices;
using System.Text.Json;

namespace SecOps.Findings.Json;

/// <summary>Writes the elements of a long array: rendered on all cores, chunk by chunk. The chunks are written in their order: while one is, the next are being rendered.</summary>
internal static class JsonChunks
{
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
        var (taken, written) = (-1, 0);
        Exception? failure = null;
        var turn = new object();

        void Work()
        {
            using var text = new JsonText();
            var touched = 0;
            while (Interlocked.Increment(ref taken) is var chunk && chunk < chunks)
            {
                text.Restart(depth, afterElement: chunk > 0);
                var (from, to) = (chunk * together, Math.Min((chunk + 1) * together, elements.Count));
                for (var i = from; i < to; i++)
                {
                    touched += touch(elements[i]);
                }

                for (var i = from; i < to; i++)
                {
                    render(text, elements[i]);
                }

                lock (turn)
                {
                    while (written < chunk && failure is null)
                    {
                        Monitor.Wait(turn);
                    }

                    if (failure is not null)
                    {
                        return;
                    }

                    stream.Write(text.Written);
                    written++;
                    Monitor.PulseAll(turn);
                }
            }
        }

        void TryWork()
        {
            try
            {
                Work();
            }
            catch (Exception e)
            {
                lock (turn)
                {
                    failure ??= e;
                    Monitor.PulseAll(turn);
                }
            }
        }

        Parallel.Invoke([.. Enumerable.Repeat(TryWork, Math.Min(chunks, Math.Min(4, Environment.ProcessorCount)))]);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        // The array's end would stand right behind: its writer knows of no element.
        stream.Write([(byte)'\n', .. Enumerable.Repeat((byte)' ', 2 * (depth - 1))]);
    }
}
