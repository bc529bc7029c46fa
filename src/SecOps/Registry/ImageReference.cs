using System.Net;
using System.Text.RegularExpressions;

namespace SecOps.Registry;

/// <summary>
/// An image's name, e.g. <c>registry.example.com:5000/team/app:1.2.0@sha256:…</c>, after the distribution project's grammar.
/// What Docker adds silently is added here too: <c>alpine</c> is <c>docker.io/library/alpine</c>.
/// </summary>
public sealed partial record ImageReference
{
    public const string DockerHub = "docker.io";

    /// <summary>Host with port, as written; <c>docker.io</c> where none is.</summary>
    public required string Registry { get; init; }

    /// <summary>Path below the registry, e.g. <c>team/app</c>.</summary>
    public required string Repository { get; init; }

    /// <summary>Null when none was written; nothing is assumed to be <c>latest</c>.</summary>
    public string? Tag { get; init; }

    /// <summary><c>sha256:</c> and 64 hexadecimal digits, or null.</summary>
    public string? Digest { get; init; }

    /// <summary>Registry and repository.</summary>
    public string Name => $"{Registry}/{Repository}";

    /// <summary>The name as <c>docker</c> shows and looks it up: without <c>docker.io/library/</c>.</summary>
    public string FamiliarName => Registry != DockerHub ? Name
        : Repository.StartsWith("library/", StringComparison.Ordinal) ? Repository["library/".Length..] : Repository;

    /// <summary>Familiar name with tag, and with digest where there is one.</summary>
    public string Familiar => FamiliarName + Suffix;

    /// <summary>The registry is on this machine: there, and only there, plain HTTP is spoken.</summary>
    public bool IsLoopback => IsLoopbackHost(Registry);

    private string Suffix => (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <exception cref="SecOpsException">Not an image's name (exit code 2).</exception>
    public static ImageReference Parse(string text) => TryParse(text, out var reference, out var why)
        ? reference!
        : throw SecOpsException.Usage($"\"{Terminal.Clean(text)}\" is not an image's name: {why}. Write [REGISTRY/]REPOSITORY[:TAG][@sha256:…], e.g. registry.example.com/team/app:1.2.0.");

    public static bool TryParse(string text, out ImageReference? reference, out string why)
    {
        (reference, why) = (null, "");
        var (rest, digest) = Split(text, text.IndexOf('@', StringComparison.Ordinal));
        if (digest is not null && !IsDigest(digest))
        {
            why = "the digest is not sha256: and 64 hexadecimal digits";
            return false;
        }

        var colon = rest.LastIndexOf(':');
        var (path, tag) = Split(rest, colon > rest.LastIndexOf('/') ? colon : -1);
        if (tag is not null && !TagForm().IsMatch(tag))
        {
            why = $"the tag \"{Terminal.Clean(tag)}\" may hold letters, digits, '_', '.', '-', at most 128 of them";
            return false;
        }

        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? "" : path[..slash];
        var hasHost = host.Contains('.', StringComparison.Ordinal) || host.Contains(':', StringComparison.Ordinal) || host == "localhost";
        var registry = hasHost ? host : DockerHub;
        var repository = hasHost ? path[(slash + 1)..] : path;
        if (registry is "index.docker.io" or "registry-1.docker.io")
        {
            registry = DockerHub;
        }

        if (registry == DockerHub && !repository.Contains('/', StringComparison.Ordinal))
        {
            repository = "library/" + repository;
        }

        if (!HostForm().IsMatch(registry) || repository.Length > 255 || !RepositoryForm().IsMatch(repository))
        {
            why = "the repository holds lower-case letters and digits, parted by '/', '.', '_' or '-'";
            return false;
        }

        reference = new ImageReference { Registry = registry, Repository = repository, Tag = tag, Digest = digest };
        return true;
    }

    public static bool IsDigest(string text) => DigestForm().IsMatch(text);

    /// <param name="host">Perhaps with a port.</param>
    public static bool IsLoopbackHost(string host)
    {
        var name = host.StartsWith('[') ? host[1..Math.Max(1, host.IndexOf(']', StringComparison.Ordinal))] : host.Split(':')[0];
        return name == "localhost" || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
    }

    public override string ToString() => Name + Suffix;

    private static (string Before, string? After) Split(string text, int at) => at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);

    [GeneratedRegex(@"^sha256:[0-9a-f]{64}\z")]
    private static partial Regex DigestForm();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z")]
    private static partial Regex TagForm();

    [GeneratedRegex(@"^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?\z")]
    private static partial Regex HostForm();

    [GeneratedRegex(@"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex RepositoryForm();
}
