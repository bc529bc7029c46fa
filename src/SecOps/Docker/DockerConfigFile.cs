using System.Text;
using System.Text.Json;
using SecOps.Processes;

namespace SecOps.Docker;

/// <summary>What we use of the docker command's <c>config.json</c>: the context, and where it keeps the passwords of registries.</summary>
public sealed record DockerConfigFile
{
    private const string HubKey = "https://index.docker.io/v1/";
    private static readonly TimeSpan HelperLimit = TimeSpan.FromSeconds(60);

    public string? CurrentContext { get; init; }

    private string? Store { get; init; }

    private Dictionary<string, string> Helpers { get; init; } = [];

    /// <summary>Base64 of user and password.</summary>
    private Dictionary<string, string> Auths { get; init; } = [];

    /// <summary>What some clouds' logins leave instead of a password.</summary>
    private Dictionary<string, string> IdentityTokens { get; init; } = [];

    public static string Folder(Func<string, string?> variable) => variable("DOCKER_CONFIG") is { Length: > 0 } folder
        ? folder
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");

    /// <exception cref="SecOpsException">The file is there and not readable as JSON.</exception>
    public static DockerConfigFile Read(Func<string, string?> variable)
    {
        var file = Path.Combine(Folder(variable), "config.json");
        if (!File.Exists(file))
        {
            return new DockerConfigFile();
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var root = json.RootElement;
            return new DockerConfigFile
            {
                CurrentContext = Text(root, "currentContext"),
                Store = Text(root, "credsStore"),
                Helpers = Texts(root, "credHelpers", value => value.ValueKind == JsonValueKind.String ? value.GetString() : null),
                Auths = Texts(root, "auths", value => Text(value, "auth")),
                IdentityTokens = Texts(root, "auths", value => Text(value, "identitytoken")),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw SecOpsException.Tool($"{file} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The user name (<c>&lt;token&gt;</c> where the secret is an identity token) and secret that <c>docker login</c> has left for a registry: from the helper of this registry, the store, or the file.</summary>
    /// <param name="registry">Host with port, or <c>docker.io</c>.</param>
    public async Task<(string User, string Secret, string Source)?> FindAsync(string registry, ProcessRunner processes, CancellationToken cancellation)
    {
        var keys = registry == "docker.io" ? new[] { HubKey, "index.docker.io", "docker.io" } : [registry, "https://" + registry, $"https://{registry}/"];
        foreach (var key in keys)
        {
            if ((Helpers.GetValueOrDefault(key) ?? Store) is { } helper && await AskAsync(helper, key, processes, cancellation) is { } found)
            {
                return found;
            }
        }

        foreach (var key in keys.Append($"https://{registry}/v1/").Append($"https://{registry}/v2/"))
        {
            if (IdentityTokens.GetValueOrDefault(key) is { Length: > 0 } token)
            {
                return ("<token>", token, "docker login");
            }

            if (Auths.GetValueOrDefault(key) is { Length: > 0 } auth && Decode(auth) is { } parts)
            {
                return (parts[0], parts[1], "docker login");
            }
        }

        return null;
    }

    private static async Task<(string, string, string)?> AskAsync(string helper, string key, ProcessRunner processes, CancellationToken cancellation)
    {
        var name = "docker-credential-" + helper;
        if (!helper.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw SecOpsException.Tool($"Docker's config.json names a credential helper \"{Terminal.Clean(helper)}\", which is no program's name.");
        }

        var result = await processes.RunAsync(new ProcessCall(name, ["get"]) { Input = key, OutputIsSecret = true, Timeout = HelperLimit }, cancellation);
        if (result.TimedOut)
        {
            throw SecOpsException.Tool($"{name} did not answer for {key} within {Durations.Show(HelperLimit)}. Does it wait for somebody to type?");
        }

        if (result.ExitCode != 0)
        {
            return result.Output.Contains("credentials not found", StringComparison.OrdinalIgnoreCase) ? null
                : throw SecOpsException.Tool($"{name} failed for {key}: {Terminal.Clean(result.LastLine())}");
        }

        try
        {
            using var json = JsonDocument.Parse(result.Output);
            return Text(json.RootElement, "Username") is { } user && Text(json.RootElement, "Secret") is { Length: > 0 } secret ? (user, secret, name) : null;
        }
        catch (JsonException)
        {
            throw SecOpsException.Tool($"{name} answered something that is not JSON.");
        }
    }

    private static string[]? Decode(string auth)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(auth)).Split(':', 2);
            return parts.Length == 2 && parts[1].Length > 0 ? parts : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement e, string name) =>
        e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Dictionary<string, string> Texts(JsonElement root, string name, Func<JsonElement, string?> read)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (root.TryGetProperty(name, out var map) && map.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in map.EnumerateObject())
            {
                if (read(member.Value) is { } text)
                {
                    texts[member.Name] = text;
                }
            }
        }

        return texts;
    }
}
