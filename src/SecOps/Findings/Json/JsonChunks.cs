using System.Runtime.ExceptionServices;
using System.Text.Json;

namespace SecOps.Findings.Json;

/// <summary>Writes the elements of a long array: rendered on all cores, chunk by chunk. The chunks are written in their order: while one is, the next are being rendered.</summary>
internal static class JsonChunks
{
    /// <summary>So many elements are rendered at a time: half a megabyte of findings, which is still in the core's cache when it is written.</summary>
    private const int Chunk = 250;

    /// <summary>The elements of the array that the writer has just begun.</summary>
    /// <param name="stream">The one that the writer writes to.</param>
    public static void Write<T>(Utf8JsonWriter json, Stream stream, IReadOnlyList<T> elements, Action<JsonText, T> render)
    {
        if (elements.Count == 0)
        {
            return;
        }

        json.Flush();
        var (chunks, depth) = ((elements.Count + Chunk - 1) / Chunk, json.CurrentDepth);
        var (taken, written) = (-1, 0);
        Exception? failure = null;
        var turn = new object();

        void Work()
        {
            var text = new JsonText();
            while (Interlocked.Increment(ref taken) is var chunk && chunk < chunks)
            {
                text.Restart(depth, afterElement: chunk > 0);
                for (var i = chunk * Chunk; i < Math.Min((chunk + 1) * Chunk, elements.Count); i++)
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
