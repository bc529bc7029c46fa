namespace SecOps.Toolbox;

/// <summary>One process at a time. The system releases it when the process ends, however it ends.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    /// <param name="waiting">Called once when another process holds it.</param>
    /// <param name="shared">Any number of processes may hold it shared, while none holds it alone.</param>
    /// <exception cref="SecOpsException">The folder cannot be written, or the other one takes too long.</exception>
    public static async Task<IDisposable> TakeAsync(string file, Action waiting, CancellationToken cancellation, bool shared = false)
    {
        var until = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Tool($"{Path.GetDirectoryName(file)} cannot be written: {e.Message}", e);
        }

        for (var told = false; ; told = true)
        {
            try
            {
                return Open(file, shared);
            }
            catch (UnauthorizedAccessException e)
            {
                throw SecOpsException.Tool($"{file} cannot be written: {e.Message}", e);
            }
            catch (IOException e) when (Environment.TickCount64 > until)
            {
                throw SecOpsException.Tool($"{file} has been held by another process for {Durations.Show(Limit)}: {e.Message}", e);
            }
            catch (IOException)
            {
                if (!told)
                {
                    waiting();
                }

                await Task.Delay(200, cancellation);
            }
        }
    }

    /// <returns>Null when another process holds it.</returns>
    public static IDisposable? TryTake(string file)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            return Open(file, shared: false);
        }
        catch (UnauthorizedAccessException e)
        {
            throw SecOpsException.Tool($"{file} cannot be written: {e.Message}", e);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>On Unix only the share mode decides how a file is locked, on Windows also the access.</summary>
    private static FileStream Open(string file, bool shared) =>
        shared ? new FileStream(file, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read) : new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
