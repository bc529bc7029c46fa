using System.Net.Sockets;
using SecOps.Processes;
using SecOps.Testing;

namespace SecOps.Toolbox;

/// <summary>A test that downloads from Debian's archive: skipped where this is no Debian or its mirror does not answer, failed in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsAptFactAttribute : Xunit.FactAttribute
{
    private static readonly Lazy<string?> Missing = new(Look);

    public NeedsAptFactAttribute()
    {
        if (DebianSource.Unfit() is not null || (!Parts.Strict && Missing.Value is not null))
        {
            Skip = $"needs Debian's archive: {DebianSource.Unfit() ?? Missing.Value}";
        }
    }

    private static string? Look()
    {
        var call = new ProcessCall("/usr/bin/apt-get", DebianSource.AskReleases) { Timeout = TimeSpan.FromSeconds(10) };
        var answer = new ProcessRunner(new Redactor()).RunAsync(call, CancellationToken.None).GetAwaiter().GetResult().Output;
        if (!Uri.TryCreate(DebianSource.Releases(answer).FirstOrDefault().Mirror, UriKind.Absolute, out var mirror))
        {
            return "apt names no mirror";
        }

        try
        {
            using var client = new TcpClient();
            return client.ConnectAsync(mirror.Host, mirror.Port).Wait(TimeSpan.FromSeconds(3)) ? null : "its mirror does not answer";
        }
        catch (AggregateException)
        {
            return "its mirror cannot be reached";
        }
    }
}
