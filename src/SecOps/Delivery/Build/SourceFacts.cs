using System.Globalization;
using SecOps.Processes;

namespace SecOps.Delivery.Build;

/// <summary>What an image's labels say about where it comes from.</summary>
/// <param name="Source">The repository's address, without user or password; null where there is no remote.</param>
public sealed record SourceFacts(string Commit, DateTimeOffset CommittedAt, string? Source)
{
    /// <returns>Null without a commit, or without git.</returns>
    public static async Task<SourceFacts?> ReadAsync(ProcessRunner processes, string root, CancellationToken cancellation)
    {
        try
        {
            var log = await processes.RunAsync(Git("log", "-1", "--format=%H %ct"), cancellation);
            var parts = log.Output.Trim().Split(' ');
            if (log.ExitCode != 0 || parts.Length != 2)
            {
                return null;
            }

            var remote = await processes.RunAsync(Git("config", "--get", "remote.origin.url"), cancellation);
            return new SourceFacts(parts[0], DateTimeOffset.FromUnixTimeSeconds(long.Parse(parts[1], CultureInfo.InvariantCulture)), Public(remote.Output.Trim()));
        }
        catch (ToolNotFoundException)
        {
            return null;
        }

        ProcessCall Git(params string[] arguments) => new("git", arguments) { WorkingDirectory = root, Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>An address for others: <c>git@host:team/app.git</c> becomes https, a password in it goes, a path of this machine is none.</summary>
    internal static string? Public(string remote)
    {
        if (!remote.Contains("://", StringComparison.Ordinal) && remote.Contains('@', StringComparison.Ordinal) && remote.Split('@', 2)[1].Split(':', 2) is [var host, var path])
        {
            remote = $"https://{host}/{path}";
        }

        return Uri.TryCreate(remote, UriKind.Absolute, out var uri) && uri.Scheme is ("https" or "http" or "ssh") && uri.Host.Length > 0
            ? $"https://{(uri.IsDefaultPort || uri.Scheme == "ssh" ? uri.Host : uri.Authority)}{(uri.AbsolutePath.EndsWith(".git", StringComparison.Ordinal) ? uri.AbsolutePath[..^4] : uri.AbsolutePath)}"
            : null;
    }
}
