namespace SecOps.Scanners.Amazon;

/// <summary>
/// Package URLs of an operating system's packages, so that a vulnerability that Trivy names too is one finding. AWS names no URL: Inspector
/// says the image's platform, ECR's basic scan only where its advisory stands.
/// </summary>
internal static class SystemPackage
{
    /// <summary>Beginnings of Inspector's platforms, e.g. <c>DEBIAN_12</c>, <c>AMAZON_LINUX_2023</c>.</summary>
    private static readonly (string Platform, string Type)[] Platforms =
    [
        ("ALPINE", "apk/alpine"), ("WOLFI", "apk/wolfi"), ("CHAINGUARD", "apk/chainguard"), ("DEBIAN", "deb/debian"), ("UBUNTU", "deb/ubuntu"),
        ("AMAZON_LINUX", "rpm/amazon"), ("REDHAT", "rpm/redhat"), ("RHEL", "rpm/redhat"), ("CENTOS", "rpm/centos"), ("ORACLE_LINUX", "rpm/oracle"),
        ("ROCKY", "rpm/rocky"), ("ALMA", "rpm/alma"), ("FEDORA", "rpm/fedora"), ("PHOTON", "rpm/photon"), ("SLES", "rpm/sles"),
    ];

    private static readonly (string Host, string Type)[] Trackers =
    [
        ("security-tracker.debian.org", "deb/debian"), ("people.ubuntu.com", "deb/ubuntu"), ("ubuntu.com", "deb/ubuntu"), ("alas.aws.amazon.com", "rpm/amazon"),
        ("access.redhat.com", "rpm/redhat"), ("linux.oracle.com", "rpm/oracle"), ("security.alpinelinux.org", "apk/alpine"),
    ];

    /// <returns>Null when the platform is unknown.</returns>
    public static string? OfPlatform(string? platform, string name, string? version) =>
        Url(Platforms.FirstOrDefault(p => platform?.StartsWith(p.Platform, StringComparison.OrdinalIgnoreCase) == true).Type, name, version);

    /// <returns>Null when the advisory's address tells no distribution.</returns>
    public static string? OfAdvisory(string? address, string name, string? version) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) ? Url(Trackers.FirstOrDefault(t => t.Host == uri.Host).Type, name, version) : null;

    private static string? Url(string? type, string name, string? version) =>
        type is null ? null : $"pkg:{type}/{Uri.EscapeDataString(name)}{(version is null ? "" : "@" + Uri.EscapeDataString(version))}";
}
