namespace SecOps.Registry;

/// <summary>What a registry wants to see; held in memory, never written.</summary>
/// <param name="Username"><c>&lt;token&gt;</c> when the secret is an identity token (OAuth2 refresh token) and no password.</param>
/// <param name="Source">For people: where it was found, e.g. <c>environment</c>.</param>
public sealed record RegistryCredential(string Username, string Secret, string Source)
{
    public const string TokenUser = "<token>";

    public bool IsIdentityToken => Username == TokenUser;

    /// <summary>Without the secret, which would otherwise be one log line away.</summary>
    public override string ToString() => $"{Terminal.Clean(Username)} ({Source})";
}

/// <summary>Finds the credential for a registry.</summary>
public interface IRegistryCredentials
{
    /// <param name="registry">Host with port, or <c>docker.io</c>.</param>
    /// <param name="renew">An earlier answer was refused: ask again, do not repeat it from memory.</param>
    /// <returns>Null when there is none; the registry is then used anonymously.</returns>
    /// <exception cref="SecOpsException">There should be one, and it cannot be had (exit code 4).</exception>
    Task<RegistryCredential?> FindAsync(string registry, bool renew, CancellationToken cancellation);
}
