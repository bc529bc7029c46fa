using System.Text.RegularExpressions;
using SecOps.Findings;
using SecOps.Remediation.Python;
using SecOps.Remediation.Verification;

namespace SecOps.Remediation;

/// <summary>Looks at a proposed change before anything runs: a silent scanner is not a fixed program. Each refusal names its gate.</summary>
internal static partial class Gates
{
    public const int MaxFiles = 5;
    public const int MaxChangedLines = 200;

    private static readonly string[] CiFiles = [".gitlab-ci.yml", "jenkinsfile", "azure-pipelines.yml", ".travis.yml", "bitbucket-pipelines.yml", "buildspec.yml", "tox.ini", "noxfile.py", "conftest.py", "pytest.ini", "makefile", "codecov.yml"];

    private static readonly string[] ScannerFiles = ["secops.yml", ".bandit", "bandit.yaml", "bandit.yml", "pyproject.toml", "setup.cfg", ".trivyignore", ".trivyignore.yaml", "trivy.yaml", ".checkov.yml", ".checkov.yaml", ".tfsec.yml", ".hadolint.yaml", "sonar-project.properties", ".gitleaks.toml", ".safety-policy.yml", ".semgrepignore", ".dockerignore", ".pre-commit-config.yaml", ".flake8", ".pylintrc", "ruff.toml", ".ruff.toml", ".semgrep.yml", "semgrep.yml", ".snyk", ".hadolint.yml", "checkov.yml"];

    /// <summary>Files that say what is installed; a model must not bring in anybody's package.</summary>
    private static readonly string[] DependencyFiles = ["pipfile", "setup.py", "package.json", "environment.yml", "go.mod", "gemfile", "pom.xml", "build.gradle", "cargo.toml"];

    private static readonly string[] LockFiles = ["poetry.lock", "pipfile.lock", "uv.lock", "pdm.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", ".terraform.lock.hcl", "go.sum", "cargo.lock", "composer.lock", "gemfile.lock"];

    /// <param name="fromModel">Stricter for what a model wrote: no dependency, no odd way around a scanner.</param>
    /// <exception cref="VerificationException">A gate refuses.</exception>
    public static void Check(Finding finding, Proposal proposal, SourceTree tree, bool fromModel)
    {
        if (proposal.Changes.Count is 0 or > MaxFiles)
        {
            throw new VerificationException("size", $"it changes {proposal.Changes.Count} files; at most {MaxFiles} may change");
        }

        var allowed = proposal.Companions.Append(finding.Location.Path ?? finding.Location.Package?.Manifest ?? "").ToList();
        var changed = 0;
        foreach (var change in proposal.Changes)
        {
            if (!allowed.Contains(change.Path))
            {
                throw new VerificationException("files", $"{change.Path} has nothing to do with the finding");
            }

            CheckPath(change.Path, tree, fromModel);
            if (change.Before is null || change.Before == change.After)
            {
                throw new VerificationException("files", $"{change.Path} is new or does not change");
            }

            if (change.After.Length > SourceTree.MaxFileSize)
            {
                throw new VerificationException("size", $"{change.Path} becomes larger than {SourceTree.MaxFileSize / 1024} KiB");
            }

            var (removed, added) = LineDifference.Of(change.Before, change.After);
            changed += removed.Count + added.Count;
            CheckSuppressions(change.Path, removed, added);
            if (change.Path.EndsWith(".py", StringComparison.Ordinal))
            {
                CheckPython(finding, change, tree, fromModel);
            }
            else if (fromModel)
            {
                ModelGates.CheckText(change.Path, removed, added);
            }
        }

        if (changed > MaxChangedLines)
        {
            throw new VerificationException("size", $"it changes {changed} lines; at most {MaxChangedLines} may change");
        }
    }

    /// <summary>Files that no fix touches.</summary>
    public static void CheckPath(string path, SourceTree tree, bool fromModel)
    {
        var lower = tree.InProject(path).ToLowerInvariant();
        var parts = lower.Split('/');
        var name = parts[^1];
        var refused = parts.Any(p => p.StartsWith(".git", StringComparison.Ordinal) || p is ".circleci" or ".ci" or ".buildkite" or ".secops") ? "it belongs to git or to continuous integration"
            : CiFiles.Contains(name) ? "it belongs to continuous integration or to the tests"
            : ScannerFiles.Contains(name) ? "it configures scanners"
            : parts[..^1].Any(p => p is "tests" or "test" or "__tests__") || name.StartsWith("test_", StringComparison.Ordinal) || name.EndsWith("_test.py", StringComparison.Ordinal) ? "it is a test"
            : fromModel && (LockFiles.Contains(name) || DependencyFiles.Contains(name) || name.StartsWith("requirements", StringComparison.Ordinal) || name.StartsWith("constraints", StringComparison.Ordinal)) ? "it lists dependencies"
            : LockFiles.Contains(name) ? "it is written by a tool"
            : tree.Read(path) is null ? "it is no plain text file inside the tree"
            : null;
        if (refused is not null)
        {
            throw new VerificationException("files", $"{path} may not change: {refused}");
        }
    }

    private static void CheckSuppressions(string path, IReadOnlyList<string> removed, IReadOnlyList<string> added)
    {
        int Count(IReadOnlyList<string> lines) => lines.Sum(l => Suppression().Count(l));
        if (Count(added) > Count(removed))
        {
            var line = added.First(l => Suppression().IsMatch(l));
            throw new VerificationException("suppression", $"{path}: it silences the scanner ({Suppression().Match(line).Value})");
        }
    }

    private static void CheckPython(Finding finding, FileChange change, SourceTree tree, bool fromModel)
    {
        PythonSource before, after;
        try
        {
            before = new PythonSource(change.Before!);
            after = new PythonSource(change.After);
        }
        catch (PythonSyntaxException e)
        {
            throw new VerificationException("syntax", $"{change.Path}: {e.Message}");
        }

        PythonReach.Check(change.Path, before, after);
        PythonShape.Check(change.Path, before, after);
        if (fromModel)
        {
            ModelGates.Check(finding, change.Path, before, after);
            WeaknessGate.Check(finding, change.Path, before, after, tree);
        }
    }

    [GeneratedRegex(@"\bnosec|\bnoqa|\bNOSONAR|\btrivy:\s*ignore|\btfsec:\s*ignore|\bcheckov:\s*skip|\bbridgecrew:\s*skip|\bnosemgrep|\bsemgrep-ignore|hadolint\s+(?:global\s+)?ignore|gitleaks:\s*allow|trufflehog:\s*ignore|pragma:\s*(?:allowlist|whitelist)|pylint:\s*(?:disable|skip-file)|\bskipcq|\bcodeql\[|\blgtm\b|\bkics-scan|\bterrascan:\s*skip|\bts:\s*skip|\bcfn_nag|bearer:\s*disable|\bsnyk:\s*ignore|\bdeepsource:\s*ignore", RegexOptions.IgnoreCase)]
    private static partial Regex Suppression();
}
