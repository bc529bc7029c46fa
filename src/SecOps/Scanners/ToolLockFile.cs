namespace SecOps.Scanners;

/// <summary>One process of a tool at a time on this machine, for tools that fail when two run.</summary>
internal static class ToolLockFile
{
    /// <returns>Dispose it to let the next one go.</returns>
    public static async Task<IDisposable> TakeAsync(string tool, CancellationToken cancellation)
    {
        var file = Path.Combine(Path.GetTempPath(), $"secops-{Environment.UserName}-{tool}.lock");
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(100, cancellation);
            }
            catch (UnauthorizedAccessException)
            {
                // Another user's; then the tool's own lock has to do.
                return new MemoryStream();
            }
        }
    }
}
