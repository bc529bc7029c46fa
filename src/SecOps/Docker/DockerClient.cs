using System.Globalization;
using System.Net;
using System.Text.Json;

namespace SecOps.Docker;

/// <summary>The Docker Engine API (https://docs.docker.com/reference/api/engine/), as far as secops uses it.</summary>
/// <remarks>Every call may throw <see cref="SecOpsException"/> with exit code 4, in the Engine's own words.</remarks>
public sealed class DockerClient(DockerEndpoint endpoint) : IDisposable
{
    private readonly DockerTransport transport = new(endpoint);

    public DockerEndpoint Endpoint { get; } = endpoint;

    /// <summary>Null when the Engine has no such image.</summary>
    public async Task<DockerImage?> FindImageAsync(string reference, CancellationToken cancellation)
    {
        using var response = await transport.SendAsync(HttpMethod.Get, $"images/{Escape(reference)}/json", null, null, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        using var json = await JsonAsync(response, $"inspecting {reference}", cancellation);
        var root = json.RootElement;
        var config = root.TryGetProperty("Config", out var c) ? c : default;
        return new DockerImage(
            Text(root, "Id"), Text(root, "Os"), Text(root, "Architecture"), root.TryGetProperty("Size", out var size) ? size.GetInt64() : 0,
            Texts(root, "RepoTags"), Texts(root, "RepoDigests"), Map(config, "Labels"),
            config.ValueKind == JsonValueKind.Object && config.TryGetProperty("ExposedPorts", out var ports) && ports.ValueKind == JsonValueKind.Object
                ? [.. ports.EnumerateObject().Select(p => p.Name)] : [])
        {
            Created = DateTimeOffset.TryParse(Text(root, "Created"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created : null,
        };
    }

    public Task TagAsync(string image, string repository, string tag, CancellationToken cancellation) =>
        DoAsync(HttpMethod.Post, $"images/{Escape(image)}/tag?repo={Uri.EscapeDataString(repository)}&tag={Uri.EscapeDataString(tag)}", null, $"tagging {repository}:{tag}", cancellation);

    /// <summary>Takes a name away, and the image with its last name; no error when it is gone already or in use.</summary>
    public Task RemoveImageAsync(string reference, CancellationToken cancellation) =>
        DoAsync(HttpMethod.Delete, $"images/{Escape(reference)}", null, "removing an image", cancellation, HttpStatusCode.NotFound, HttpStatusCode.Conflict);

    /// <summary>Pushes a tag. An error can come in the middle of a successful answer, and the digest comes last in it.</summary>
    /// <param name="registryAuth">For <c>X-Registry-Auth</c>; see <see cref="RegistryAuth"/>.</param>
    /// <returns>The manifest's digest as the registry now has it; null when the Engine does not say.</returns>
    public async Task<string?> PushAsync(string repository, string tag, string registryAuth, Action<DockerProgress> progress, CancellationToken cancellation)
    {
        using var response = await transport.SendAsync(HttpMethod.Post, $"images/{Escape(repository)}/push?tag={Uri.EscapeDataString(tag)}", null, registryAuth, cancellation);
        var what = $"pushing {repository}:{tag}";
        await RequireSuccessAsync(response, what, cancellation);
        string? digest = null;
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        try
        {
            while (await lines.ReadLineAsync(cancellation) is { } line)
            {
                if (line.Length == 0)
                {
                    continue;
                }

                using var json = JsonDocument.Parse(line);
                digest = Read(json.RootElement, what, progress) ?? digest;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException)
        {
            throw SecOpsException.Tool($"the Docker Engine broke off ({what}): {e.Message}", e);
        }

        return digest;
    }

    /// <summary>The header's value: base64url of the JSON that the Engine wants. Holds a secret.</summary>
    /// <param name="server">The registry's host, or <c>https://index.docker.io/v1/</c> for Docker Hub.</param>
    public static string RegistryAuth(string? user, string? secret, bool isIdentityToken, string server)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (user is not null && secret is not null)
            {
                if (isIdentityToken)
                {
                    json.WriteString("identitytoken", secret);
                }
                else
                {
                    json.WriteString("username", user);
                    json.WriteString("password", secret);
                }

                json.WriteString("serveraddress", server);
            }

            json.WriteEndObject();
        }

        return Convert.ToBase64String(bytes.ToArray()).Replace('+', '-').Replace('/', '_');
    }

    /// <returns>The container's id.</returns>
    public async Task<string> CreateContainerAsync(ContainerPlan plan, CancellationToken cancellation)
    {
        var what = $"creating a container of {plan.Image}";
        using var response = await transport.SendAsync(HttpMethod.Post, $"containers/create?name={Uri.EscapeDataString(plan.Name)}", DockerJson.Container(plan), null, cancellation);
        using var json = await JsonAsync(response, what, cancellation);
        return Text(json.RootElement, "Id");
    }

    public Task StartContainerAsync(string id, CancellationToken cancellation) => DoAsync(HttpMethod.Post, $"containers/{id}/start", null, "starting the container", cancellation);

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitContainerAsync(string id, CancellationToken cancellation)
    {
        using var response = await transport.SendAsync(HttpMethod.Post, $"containers/{id}/wait", null, null, cancellation);
        using var json = await JsonAsync(response, "waiting for the container", cancellation);
        return json.RootElement.GetProperty("StatusCode").GetInt32();
    }

    public async Task<ContainerState> InspectContainerAsync(string id, CancellationToken cancellation)
    {
        using var response = await transport.SendAsync(HttpMethod.Get, $"containers/{id}/json", null, null, cancellation);
        using var json = await JsonAsync(response, "inspecting the container", cancellation);
        var state = json.RootElement.GetProperty("State");
        int? port = null;
        if (json.RootElement.TryGetProperty("NetworkSettings", out var network) && network.TryGetProperty("Ports", out var ports) && ports.ValueKind == JsonValueKind.Object)
        {
            port = ports.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Array)
                .SelectMany(p => p.Value.EnumerateArray())
                .Select(b => int.TryParse(Text(b, "HostPort"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (int?)null)
                .FirstOrDefault(p => p is not null);
        }

        return new ContainerState(
            Text(state, "Status"), state.GetProperty("ExitCode").GetInt32(),
            state.TryGetProperty("OOMKilled", out var oom) && oom.ValueKind == JsonValueKind.True, Text(state, "Error"), port);
    }

    /// <summary>The last lines of both outputs.</summary>
    public async Task<string> ContainerLogsAsync(string id, int lines, CancellationToken cancellation)
    {
        using var response = await transport.SendAsync(
            HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"containers/{id}/logs?stdout=1&stderr=1&tail={lines}"), null, null, cancellation);
        await RequireSuccessAsync(response, "reading the container's log", cancellation);
        return DockerJson.Demultiplex(await response.Content.ReadAsByteArrayAsync(cancellation));
    }

    /// <summary>Ends and removes it, with its anonymous volumes; no error when it is gone already.</summary>
    public Task RemoveContainerAsync(string id, CancellationToken cancellation) =>
        DoAsync(HttpMethod.Delete, $"containers/{id}?force=1&v=1", null, "removing the container", cancellation, HttpStatusCode.NotFound, HttpStatusCode.Conflict);

    /// <returns>The network's id.</returns>
    public async Task<string> CreateNetworkAsync(string name, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation)
    {
        using var response = await transport.SendAsync(HttpMethod.Post, "networks/create", DockerJson.Network(name, labels), null, cancellation);
        using var json = await JsonAsync(response, "creating a network", cancellation);
        return Text(json.RootElement, "Id");
    }

    public Task RemoveNetworkAsync(string id, CancellationToken cancellation) =>
        DoAsync(HttpMethod.Delete, $"networks/{id}", null, "removing the network", cancellation, HttpStatusCode.NotFound);

    /// <summary>Containers, running or not, that have the label.</summary>
    public Task<IReadOnlyList<DockerItem>> ListContainersAsync(string label, CancellationToken cancellation) => ListAsync("containers/json?all=1&", label, cancellation);

    public Task<IReadOnlyList<DockerItem>> ListNetworksAsync(string label, CancellationToken cancellation) => ListAsync("networks?", label, cancellation);

    public Task<IReadOnlyList<DockerItem>> ListImagesAsync(string label, CancellationToken cancellation) => ListAsync("images/json?", label, cancellation);

    public void Dispose() => transport.Dispose();

    private async Task<IReadOnlyList<DockerItem>> ListAsync(string path, string label, CancellationToken cancellation)
    {
        var filter = Uri.EscapeDataString($$"""{"label":["{{label}}"]}""");
        using var response = await transport.SendAsync(HttpMethod.Get, $"{path}filters={filter}", null, null, cancellation);
        using var json = await JsonAsync(response, "looking for what an earlier run left", cancellation);
        return [.. json.RootElement.EnumerateArray().Select(e => new DockerItem(Text(e, "Id"), Map(e, "Labels")))];
    }

    private static string? Read(JsonElement line, string what, Action<DockerProgress> progress)
    {
        if (line.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (line.TryGetProperty("error", out var error))
        {
            throw SecOpsException.Tool($"the push failed ({what}): {Terminal.Clean(error.ToString()).Trim()}");
        }

        if (line.TryGetProperty("aux", out var aux))
        {
            return Text(aux, "Digest") is { Length: > 0 } digest ? digest : null;
        }

        var detail = line.TryGetProperty("progressDetail", out var d) && d.ValueKind == JsonValueKind.Object ? d : default;
        progress(new DockerProgress(Terminal.Clean(Text(line, "id")), Terminal.Clean(Text(line, "status")), Number(detail, "current"), Number(detail, "total")));
        return null;
    }

    private async Task DoAsync(HttpMethod method, string path, HttpContent? body, string what, CancellationToken cancellation, params HttpStatusCode[] alsoFine)
    {
        using var response = await transport.SendAsync(method, path, body, null, cancellation);
        if (!alsoFine.Contains(response.StatusCode) && response.StatusCode != HttpStatusCode.NotModified)
        {
            await RequireSuccessAsync(response, what, cancellation);
        }
    }

    private static async Task<JsonDocument> JsonAsync(HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        await RequireSuccessAsync(response, what, cancellation);
        try
        {
            return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellation), default, cancellation);
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            throw SecOpsException.Tool($"the Docker Engine answered something that is not JSON ({what}). Is DOCKER_HOST an Engine?", e);
        }
    }

    private static async Task RequireSuccessAsync(HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw SecOpsException.Tool($"the Docker Engine answered {(int)response.StatusCode} ({what}): {await DockerTransport.MessageAsync(response, cancellation)}");
        }
    }

    // Slashes and colons are part of names; everything else that could change the path is escaped.
    private static string Escape(string name) => Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal).Replace("%40", "@", StringComparison.Ordinal);

    private static string Text(JsonElement e, string name) =>
        e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static long? Number(JsonElement e, string name) =>
        e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : null;

    private static List<string> Texts(JsonElement e, string name) =>
        e.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(i => i.ToString())] : [];

    private static Dictionary<string, string> Map(JsonElement e, string name) =>
        e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out var map) && map.ValueKind == JsonValueKind.Object
            ? map.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.ToString(), StringComparer.Ordinal) : [];
}
