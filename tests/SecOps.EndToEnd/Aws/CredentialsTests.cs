using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Aws;

/// <summary>
/// The ways to credentials that the AWS SDK builds by reflection, in the packed tool: a Native AOT executable has only what somebody
/// named. Each uploads findings to the emulator's S3.
/// </summary>
public sealed class CredentialsTests : IDisposable
{
    private const string Emulator = "SECOPS_TEST_AWS";
    private const string Role = "arn:aws:iam::123456789012:role/uploader";
    private readonly TemporaryFolder folder = new();
    private readonly string bucket = "findings-" + Guid.NewGuid().ToString("N");

    public void Dispose() => folder.Dispose();

    [NeedsFact(Tool.Variable, Emulator)]
    public Task From_the_environment() => UploadsAsync(new() { ["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE", ["AWS_SECRET_ACCESS_KEY"] = "secret" });

    [NeedsFact(Tool.Variable, Emulator)]
    public Task From_a_profile_that_assumes_a_role_with_another() => UploadsAsync(new() { ["AWS_PROFILE"] = "uploader" });

    [NeedsFact(Tool.Variable, Emulator)]
    public Task From_a_web_identity_as_GitHub_Actions_has_it() => UploadsAsync(new()
    {
        ["AWS_ROLE_ARN"] = Role,
        ["AWS_ROLE_SESSION_NAME"] = "secops-test",
        ["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder.Write("token", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."),
    });

    private async Task UploadsAsync(Dictionary<string, string?> credentials)
    {
        var emulator = Parts.Variable(Emulator);
        using var http = new HttpClient();
        using var created = await http.PutAsync(new Uri($"{emulator}/{bucket}"), null);
        created.EnsureSuccessStatusCode();
        folder.Write("secops.yml", $"report: {{s3: {{bucket: {bucket}, region: us-east-1}}}}\n");
        folder.Write("clean.json", """{"errors": [], "metrics": {}, "results": []}""");
        (await Tool.RunAsync(folder.Path, "scan", "--import", "bandit=clean.json", "--quiet")).ExitCode.ShouldBe(0);
        foreach (var name in new[] { "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN" })
        {
            credentials.TryAdd(name, null);
        }

        credentials["AWS_ENDPOINT_URL"] = emulator;
        credentials["AWS_EC2_METADATA_DISABLED"] = "true";
        credentials["AWS_REGION"] = "us-east-1";
        credentials["AWS_SHARED_CREDENTIALS_FILE"] = folder.Write("aws/credentials", "[base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n");
        credentials["AWS_CONFIG_FILE"] = folder.Write("aws/config", $"[profile uploader]\nrole_arn = {Role}\nsource_profile = base\n");
        var sent = await Tool.RunWithAsync(folder.Path, credentials, "report", "--to", "s3");
        sent.ExitCode.ShouldBe(0, sent.Error);
        sent.Output.ShouldContain($"s3://{bucket}/");
    }
}
