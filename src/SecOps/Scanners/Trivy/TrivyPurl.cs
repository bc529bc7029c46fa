namespace SecOps.Scanners.Trivy;

/// <summary>Package URLs for the reports of versions that wrote none, so that old and new reports give the same ids.</summary>
internal static class TrivyPurl
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["pip"] = "pypi", ["pipenv"] = "pypi", ["poetry"] = "pypi", ["uv"] = "pypi", ["python-pkg"] = "pypi",
        ["npm"] = "npm", ["yarn"] = "npm", ["pnpm"] = "npm", ["node-pkg"] = "npm", ["bun"] = "npm",
        ["bundler"] = "gem", ["gemspec"] = "gem", ["cargo"] = "cargo", ["rustbinary"] = "cargo", ["composer"] = "composer",
        ["gomod"] = "golang", ["gobinary"] = "golang", ["jar"] = "maven", ["pom"] = "maven", ["gradle"] = "maven",
        ["nuget"] = "nuget", ["dotnet-core"] = "nuget", ["pub"] = "pub", ["hex"] = "hex", ["cocoapods"] = "cocoapods", ["swift"] = "swift",
        ["alpine"] = "apk/alpine", ["wolfi"] = "apk/wolfi", ["chainguard"] = "apk/chainguard",
        ["debian"] = "deb/debian", ["ubuntu"] = "deb/ubuntu",
        ["redhat"] = "rpm/redhat", ["centos"] = "rpm/centos", ["rocky"] = "rpm/rocky", ["alma"] = "rpm/alma", ["fedora"] = "rpm/fedora",
        ["amazon"] = "rpm/amazon", ["oracle"] = "rpm/oracle", ["photon"] = "rpm/photon", ["opensuse.leap"] = "rpm/opensuse.leap",
        ["suse linux enterprise server"] = "rpm/sles", ["cbl-mariner"] = "rpm/cbl-mariner", ["azurelinux"] = "rpm/azurelinux",
    };

    /// <summary>Whether packages of this type belong to the operating system.</summary>
    public static bool IsSystem(string? type) => type is not null && Types.TryGetValue(type, out var purl) && purl.Contains('/');

    /// <returns>Null when the type is unknown.</returns>
    public static string? Of(string? type, string name, string? version)
    {
        if (type is null || !Types.TryGetValue(type, out var purl))
        {
            return null;
        }

        var path = purl switch
        {
            "pypi" => PythonPackage.Normalize(name),
            "maven" => name.Replace(':', '/'),
            "npm" => name.Replace("@", "%40", StringComparison.Ordinal),
            _ => name,
        };
        return string.IsNullOrEmpty(version) ? $"pkg:{purl}/{path}" : $"pkg:{purl}/{path}@{version}";
    }
}
