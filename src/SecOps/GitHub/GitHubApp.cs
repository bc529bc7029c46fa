using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecOps.Processes;

namespace SecOps.GitHub;

/// <summary>
/// Acts as a GitHub App: signs in with the App's private key and gets a token for one repository, which lives for an hour
/// (https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation).
/// </summary>
/// <param name="Id">The App's id or client id.</param>
/// <param name="PrivateKey">PEM; line ends may be written as <c>\n</c>, or the whole as base64, as variables often hold it.</param>
public sealed record GitHubApp(string Id, string PrivateKey)
{
    /// <summary>GitHub takes at most ten minutes, and its clock may differ from ours.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Without the key, which would otherwise be one log line away.</summary>
    public override string ToString() => $"GitHub App {Id}";

    /// <summary>A token that may push branches and open pull requests in the repository, and nothing else.</summary>
    /// <exception cref="SecOpsException">The key can't be read (exit code 2).</exception>
    /// <exception cref="GitHubException">The App is not installed there, or lacks a permission.</exception>
    public async Task<string> TokenAsync(Uri api, string repository, Redactor redactor, TimeProvider clock, CancellationToken cancellation)
    {
        redactor.Add(PrivateKey);
        using var client = new GitHubClient(api, Sign(clock.GetUtcNow()), redactor, clock);
        var installation = await client.GetRepoInstallationAsync(repository, cancellation);
        return await client.CreateInstallationAccessTokenAsync(installation, repository.Split('/')[^1], cancellation);
    }

    /// <summary>A JSON Web Token by RS256 (RFC 7519).</summary>
    /// <exception cref="SecOpsException">The key can't be read (exit code 2).</exception>
    public string Sign(DateTimeOffset now)
    {
        using var key = Key();
        var text = Part(json => (json["alg"], json["typ"]) = ("RS256", "JWT")) + "." + Part(json =>
        {
            json["iat"] = (now - Skew).ToUnixTimeSeconds();
            json["exp"] = (now + Life).ToUnixTimeSeconds();
            json["iss"] = Id;
        });
        return text + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static string Part(Action<Dictionary<string, object>> fill)
    {
        var members = new Dictionary<string, object>();
        fill(members);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in members)
            {
                if (value is long number)
                {
                    json.WriteNumber(name, number);
                }
                else
                {
                    json.WriteString(name, (string)value);
                }
            }

            json.WriteEndObject();
        }

        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }

    private RSA Key()
    {
        var text = PrivateKey.Replace("\\n", "\n", StringComparison.Ordinal).Trim();
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(text.StartsWith("-----", StringComparison.Ordinal) ? text : Encoding.UTF8.GetString(Convert.FromBase64String(text)));
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or FormatException)
        {
            key.Dispose();
            throw SecOpsException.Usage("the GitHub App's private key can't be read. It has to be the PEM file that GitHub gave out (-----BEGIN RSA PRIVATE KEY-----), or that file as base64.");
        }
    }
}
