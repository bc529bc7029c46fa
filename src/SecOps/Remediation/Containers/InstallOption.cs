namespace SecOps.Remediation.Containers;

/// <summary>Options that a package manager's install needs in an image.</summary>
internal abstract class InstallOption(string ruleId, string program, string subcommand, string option, string summary, params string[] same) : DockerfileRule(ruleId)
{
    protected override string? Fix(DockerfileFix fix)
    {
        bool Lacks(IReadOnlyList<ShellWord> c) => DockerfileFix.Subcommand(c, program) is { } s && s.Text == subcommand && !c.Any(w => w.Text == option || same.Contains(w.Text));
        if (fix.FindCommand(Lacks) is not { } command)
        {
            return $"no \"{program} {subcommand}\" without {option} stands there";
        }

        fix.Insert(DockerfileFix.Subcommand(command, program)!.Value.End, " " + option);
        fix.Summary = summary;
        return null;
    }
}

/// <summary>DS-0029.</summary>
internal sealed class NoRecommends() : InstallOption("DS-0029", "apt-get", "install", "--no-install-recommends", "Install only what is asked for", "-oAPT::Install-Recommends=false", "--no-install-suggests");

/// <summary>DS-0021.</summary>
internal sealed class AptYes() : InstallOption("DS-0021", "apt-get", "install", "-y", "Let apt-get install without asking", "--yes", "-qq", "--assume-yes", "-yq", "-qy", "-yqq");

/// <summary>DS-0025.</summary>
internal sealed class ApkNoCache() : InstallOption("DS-0025", "apk", "add", "--no-cache", "Keep no package index in the image");
