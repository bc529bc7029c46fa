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

    private static readonly string[] NetworkModules = ["socket", "requests", "httpx", "urllib", "http", "ftplib", "smtplib", "telnetlib", "aiohttp", "urllib3", "paramiko", "xmlrpc", "websocket", "websockets"];

    private static readonly string[] Reflection = ["getattr", "setattr", "exec", "eval", "__import__", "compile", "globals", "locals", "vars", "import_module", "__getattribute__", "__dict__"];

    private static readonly string[] CiFiles = [".gitlab-ci.yml", "jenkinsfile", "azure-pipelines.yml", ".travis.yml", "bitbucket-pipelines.yml", "buildspec.yml", "tox.ini", "noxfile.py", "conftest.py", "pytest.ini"];

    private static readonly string[] ScannerFiles = ["secops.yml", ".bandit", "bandit.yaml", "bandit.yml", "pyproject.toml", "setup.cfg", ".trivyignore", ".trivyignore.yaml", "trivy.yaml", ".checkov.yml", ".checkov.yaml", ".tfsec.yml", ".hadolint.yaml", "sonar-project.properties", ".gitleaks.toml", ".safety-policy.yml", ".semgrepignore", ".dockerignore", ".pre-commit-config.yaml"];

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
                CheckPython(finding, change, fromModel);
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
        var refused = parts.Any(p => p.StartsWith(".git", StringComparison.Ordinal) || p is ".circleci" or ".ci" or ".buildkite") ? "it belongs to git or to continuous integration"
            : CiFiles.Contains(name) ? "it belongs to continuous integration or to the tests"
            : ScannerFiles.Contains(name) ? "it configures scanners"
            : parts[..^1].Any(p => p is "tests" or "test" or "__tests__") || name.StartsWith("test_", StringComparison.Ordinal) || name.EndsWith("_test.py", StringComparison.Ordinal) ? "it is a test"
            : fromModel && (LockFiles.Contains(name) || name.StartsWith("requirements", StringComparison.Ordinal)) ? "it lists dependencies"
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

    private static void CheckPython(Finding finding, FileChange change, bool fromModel)
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

        foreach (var word in Reflection)
        {
            if (Words(after, word) > Words(before, word))
            {
                throw new VerificationException("reflection", $"{change.Path}: it brings {word}, which hides what is called");
            }
        }

        if (after.Calls.Count(HasSplat) > before.Calls.Count(HasSplat))
        {
            throw new VerificationException("reflection", $"{change.Path}: it passes arguments as **dictionary, which hides them");
        }

        var known = before.Imports.Names.Select(n => n.Qualified.Split('.')[0]).ToHashSet(StringComparer.Ordinal);
        if (after.Imports.Names.Select(n => n.Qualified.Split('.')[0]).FirstOrDefault(m => NetworkModules.Contains(m) && !known.Contains(m)) is { } network)
        {
            throw new VerificationException("network", $"{change.Path}: it imports {network}, which talks to the network");
        }

        PythonShape.Check(change.Path, before, after);
        if (fromModel)
        {
            PythonShape.CheckModel(finding, change.Path, before, after);
        }
    }

    private static int Words(PythonSource source, string word) => Enumerable.Range(0, source.Tokens.Count).Count(i => source.Is(i, word));

    private static bool HasSplat(Call call) => call.Arguments.Any(a => a.IsSpread);

    [GeneratedRegex(@"\bnosec\b|\bnoqa\b|NOSONAR|\btrivy:ignore|\btfsec:ignore|\bcheckov:skip|\bnosemgrep\b|hadolint\s+ignore|gitleaks:allow|pragma:\s*allowlist|pylint:\s*disable|\bskipcq\b|lgtm\[", RegexOptions.IgnoreCase)]
    private static partial Regex Suppression();
}
