using SecOps.Processes;
using SecOps.Testing;
using SecOps.Toolbox;
using Shouldly;

namespace SecOps.Docker;

/// <summary>Docker's credential helpers: other people's programs, whose answer is the secret itself.</summary>
public sealed class CredentialHelperTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Redactor redactor = new();
    private readonly string? path = Environment.GetEnvironmentVariable("PATH");

    public CredentialHelperTests() => Environment.SetEnvironmentVariable("PATH", folder.Path + Path.PathSeparator + path);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", path);
        folder.Dispose();
    }

    [UnixFact]
    public async Task A_secret_that_is_known_already_comes_through_whole()
    {
        redactor.Add("the-very-same-token");
        Helper("""read host; printf '{"Username":"user of %s","Secret":"the-very-same-token"}' "$host" """);

        (await FindAsync()).ShouldBe(("user of registry.example.com", "the-very-same-token", "docker-credential-hostile"));
    }

    [UnixFact]
    public async Task A_store_that_has_none_is_no_failure()
    {
        Helper("echo 'credentials not found in native keychain'; exit 1");

        (await FindAsync()).ShouldBeNull();
    }

    [UnixFact]
    public async Task What_a_hostile_helper_says_is_refused_and_cannot_write_on_the_terminal()
    {
        foreach (var (script, words) in new[]
        {
            (@"printf 'fail \033]0;title\007'; exit 2", "docker-credential-hostile failed for registry.example.com: fail"),
            ("printf 'no json'", "answered something that is not JSON"),
            ("head -c 3000000 /dev/zero | tr '\\0' '['", "answered something that is not JSON"),
        })
        {
            Helper(script);
            var error = await Should.ThrowAsync<SecOpsException>(FindAsync);
            error.Code.ShouldBe(ExitCode.ToolFailed);
            error.Message.ShouldContain(words);
            error.Message.ShouldNotContain("\e");
        }

        foreach (var answer in (string[])["[]", "{}", """{"Username":{},"Secret":"x"}""", """{"Username":"u","Secret":""}"""])
        {
            Helper($"printf '%s' '{answer}'");
            (await FindAsync()).ShouldBeNull(answer);
        }
    }

    [UnixFact]
    public async Task The_helper_of_the_registry_goes_before_the_store_and_its_name_is_no_path()
    {
        folder.Write("config.json", """{"credsStore":"absent","credHelpers":{"registry.example.com":"../../evil"}}""");

        (await Should.ThrowAsync<SecOpsException>(FindAsync)).Message.ShouldContain("no program's name");
    }

    [UnixFact]
    public async Task An_identity_token_in_the_file_is_used_as_such()
    {
        folder.Write("config.json", """{"auths":{"registry.example.com":{"auth":"MDAwMDAwMDA6","identitytoken":"a-refresh-token"}}}""");

        (await FindAsync()).ShouldBe(("<token>", "a-refresh-token", "docker login"));
    }

    private void Helper(string script)
    {
        folder.Write("config.json", """{"credHelpers":{"registry.example.com":"hostile"}}""");
        File.SetUnixFileMode(folder.Write("docker-credential-hostile", "#!/bin/sh\n" + script + "\n"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private Task<(string User, string Secret, string Source)?> FindAsync() =>
        DockerConfigFile.Read(name => name == "DOCKER_CONFIG" ? folder.Path : null).FindAsync("registry.example.com", new ProcessRunner(redactor), CancellationToken.None);
}
