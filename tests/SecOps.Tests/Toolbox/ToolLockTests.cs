using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace SecOps.Toolbox;

/// <summary>The lock file that the product ships.</summary>
public sealed class ToolLockTests
{
    [Fact]
    public void Every_tool_has_a_version_and_a_source_and_every_hash_is_a_SHA_256()
    {
        ToolLock.Own.Tools.Select(t => t.Name).ShouldBe(["bandit", "gitleaks", "trivy"]);
        foreach (var tool in ToolLock.Own.Tools)
        {
            Version.TryParse(tool.Version, out _).ShouldBeTrue(tool.Name);
            (tool.Archives is not null || tool.Python is not null || tool.Debian is not null).ShouldBeTrue(tool.Name);
            foreach (var (platform, archive) in tool.Archives ?? new Dictionary<string, LockedArchive>())
            {
                new[] { "linux-x64", "linux-arm64", "osx-x64", "osx-arm64", "win-x64" }.ShouldContain(platform);
                archive.Url.ShouldStartWith("https://github.com/");
                archive.Url.ShouldContain(tool.Version);
                archive.Url.ShouldEndWith(platform.StartsWith("win", StringComparison.Ordinal) ? ".zip" : ".tar.gz");
                archive.Sha256.ShouldMatch("^[0-9a-f]{64}$");
            }
        }

        var hashes = ToolLock.Own.Tools.SelectMany(t => (t.Archives?.Values.Select(a => a.Sha256) ?? []).Concat(t.Python?.Packages.SelectMany(p => p.Hashes) ?? [])).ToList();
        hashes.ShouldAllBe(h => Regex.IsMatch(h, "^[0-9a-f]{64}$"));
        hashes.ShouldBeUnique();
    }

    [Fact]
    public void The_pinned_Bandit_is_the_first_Python_package() =>
        ToolLock.Own.Find("bandit")!.Python!.Packages[0].ShouldSatisfyAllConditions(p => p.Name.ShouldBe("bandit"), p => p.Version.ShouldBe(ToolLock.Own.Find("bandit")!.Version));
}
