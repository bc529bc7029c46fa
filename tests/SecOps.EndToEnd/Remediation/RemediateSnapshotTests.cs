using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Amazon.Runtime;
using SecOps.Aws;
using SecOps.Aws.S3;
using SecOps.Registry;
using SecOps.Testing;
using Shouldly;

namespace SecOps.EndToEnd.Remediation;

/// <summary>The code from an image in a real registry, into S3 as moto plays it.</summary>
public sealed class RemediateSnapshotTests : IDisposable
{
    private const string Code = "import yaml\n\n\ndef load(text):\n    return yaml.load(text, Loader=yaml.Loader)\n";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NeedsFact(Tool.Variable, "bandit", "git", "SECOPS_TEST_REGISTRY", "SECOPS_TEST_AWS")]
    public async Task What_differs_from_the_image_is_drift_and_the_image_s_code_is_kept_in_S3()
    {
        var image = ImageReference.Parse($"{Parts.Variable("SECOPS_TEST_REGISTRY")}/remediate/{Guid.NewGuid():N}:1");
        await TestImage.PushAsync(image, "/app", TestImage.Layer(("app/same.py", Code), ("app/old.py", "x = 1\n"), ("usr/lib/big", "not code")));
        folder.Write("app/same.py", Code);
        folder.Write("app/old.py", Code);
        var bucket = "snapshots-" + Guid.NewGuid().ToString("N")[..8];
        using var s3 = new S3Storage(new AwsSettings { Region = "us-east-1", Credentials = new BasicAWSCredentials("test", "test"), Variable = name => name == "AWS_ENDPOINT_URL" ? Parts.Variable("SECOPS_TEST_AWS") : null });
        await s3.CallAsync("CreateBucket", c => c.PutBucketAsync(bucket));
        folder.Write("secops.yml", $"remediate: {{region: us-east-1, snapshotBucket: {bucket}}}\n");
        var result = await Tool.RunWithAsync(
            folder["app"],
            new() { ["AWS_ENDPOINT_URL_S3"] = Parts.Variable("SECOPS_TEST_AWS"), ["AWS_ACCESS_KEY_ID"] = "test", ["AWS_SECRET_ACCESS_KEY"] = "test", ["AWS_EC2_METADATA_DISABLED"] = "true" },
            "remediate", ".", "--config", folder["secops.yml"], "--engine", "rules", "--apply", "--json", "--snapshot-image", image.ToString());
        result.ExitCode.ShouldBe(0, result.Error);
        var json = JsonDocument.Parse(result.Output).RootElement;
        json.GetProperty("results").EnumerateArray().Select(r => (r.GetProperty("path").GetString(), r.GetProperty("outcome").GetString())).ShouldBe([("old.py", "drift"), ("same.py", "scanner-verified")], ignoreOrder: true);
        File.ReadAllText(folder["app/old.py"]).ShouldBe(Code);
        File.ReadAllText(folder["app/same.py"]).ShouldContain("safe_load");

        var record = JsonDocument.Parse(File.ReadAllText(folder["app/.secops/snapshot.json"])).RootElement;
        var uri = record.GetProperty("uri").GetString()!;
        uri.ShouldStartWith($"s3://{bucket}/secops/sha256-");
        json.GetProperty("snapshot").GetString().ShouldBe(uri);
        record.GetProperty("image").GetProperty("reference").GetString().ShouldBe(image.ToString());
        using var stored = await s3.CallAsync("GetObject", c => c.GetObjectAsync(bucket, uri[$"s3://{bucket}/".Length..]));
        using var archive = new MemoryStream();
        await stored.ResponseStream.CopyToAsync(archive);
        archive.Position = 0;
        Convert.ToHexStringLower(await SHA256.HashDataAsync(archive)).ShouldBe(record.GetProperty("sha256").GetString());
        archive.Position = 0;
        using var tar = new TarReader(new GZipStream(archive, CompressionMode.Decompress));
        var names = new List<string>();
        while (tar.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
        }

        names.ShouldBe(["old.py", "same.py"]);
    }
}
