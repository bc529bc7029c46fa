using SecOps.Delivery.Push;
using SecOps.Docker;
using SecOps.Registry;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Delivery;

/// <summary>The configuration that signing tools get: it names a helper, and holds nothing itself.</summary>
public sealed class ScratchDockerConfigTests : IDisposable
{
    private static readonly RegistryCredential Credential = new("someone", "a-long-password", "test");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void No_file_holds_the_credential_and_nothing_stays()
    {
        string at;
        using (var scratch = Create())
        {
            at = scratch.Folder;
            Directory.GetFiles(at).Select(File.ReadAllText).ShouldAllBe(text => !text.Contains("a-long-password", StringComparison.Ordinal));
            scratch.Environment.Values.ShouldContain(v => v != null && v.Contains("a-long-password", StringComparison.Ordinal));
        }

        Directory.Exists(at).ShouldBeFalse();
    }

    [Fact]
    public void What_a_killed_run_left_goes_and_what_belongs_to_a_running_one_stays()
    {
        // No process has this id: Linux gives none above four million.
        var left = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"secops-docker-{Environment.MachineName}-999999999-1-left00"));
        File.WriteAllText(Path.Combine(left.FullName, "config.json"), "{}");
        using var running = Create();

        using var next = Create();

        left.Refresh();
        left.Exists.ShouldBeFalse();
        Directory.Exists(running.Folder).ShouldBeTrue();
    }

    private ScratchDockerConfig Create() =>
        new("registry.example.com", Credential, DockerEndpoint.Find(name => name == "DOCKER_HOST" ? "tcp://127.0.0.1:1" : null), name => name == "DOCKER_CONFIG" ? folder.Path : null);
}
