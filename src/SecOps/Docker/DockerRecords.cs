namespace SecOps.Docker;

/// <summary>An image in the Engine.</summary>
/// <param name="Id">With the classic store the digest of its configuration, with containerd's that of its manifest or index.</param>
/// <param name="RepositoryDigests"><c>name@sha256:…</c>, as far as the Engine knows them.</param>
/// <param name="Ports">What it exposes, e.g. <c>5000/tcp</c>.</param>
public sealed record DockerImage(
    string Id, string Os, string Architecture, long Size, IReadOnlyList<string> Tags, IReadOnlyList<string> RepositoryDigests,
    IReadOnlyDictionary<string, string> Labels, IReadOnlyList<string> Ports)
{
    public string Platform => $"{Os}/{Architecture}";

    /// <summary>When its last step was built; what the cache gave keeps its time. Null when the Engine does not say.</summary>
    public DateTimeOffset? Created { get; init; }
}

/// <summary>A container to be made.</summary>
public sealed record ContainerPlan(string Image)
{
    public required string Name { get; init; }

    /// <summary>Empty: the image's own command.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Goes over the socket in a body, never on a command line.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Network's id, and the name under which others find it there.</summary>
    public string? Network { get; init; }

    public string? Alias { get; init; }

    /// <summary>Container port (<c>5000/tcp</c>) to publish on a free port of loopback; null: none.</summary>
    public string? Publish { get; init; }
}

/// <param name="Status">created, running, exited, …</param>
/// <param name="PublishedPort">On the Engine's host; null when none is.</param>
public sealed record ContainerState(string Status, int ExitCode, bool OutOfMemory, string Error, int? PublishedPort)
{
    public bool IsRunning => Status is "running" or "restarting" or "paused";
}

/// <summary>A line of progress while layers go up.</summary>
/// <param name="Layer">Short id; empty for the image as a whole.</param>
/// <param name="Current">Bytes, where given.</param>
public sealed record DockerProgress(string Layer, string Status, long? Current, long? Total);

/// <summary>Something of ours in the Engine.</summary>
public sealed record DockerItem(string Id, IReadOnlyDictionary<string, string> Labels);
