using SecOps.Processes;
using Xunit;

namespace SecOps.Testing;

/// <summary>
/// The real parts that tests work against (see tests/parts/README.md): executables on PATH or in the parts' cache, servers by
/// their variables, the corpus of real reports beside the repository.
/// </summary>
public static class Parts
{
    /// <summary>Set by continuous integration: a missing part is a failure then, not a skip.</summary>
    public static bool Strict { get; } = Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>The repository's top folder.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The folder of real reports; null where it is absent, which is never a failure.</summary>
    public static string? Corpus { get; } = Directory.Exists(Path.Combine(Repository, "..", "shared", "corpus"))
        ? Path.GetFullPath(Path.Combine(Repository, "..", "shared", "corpus"))
        : null;

    /// <summary>Why a test over the real reports is left out; null where they are.</summary>
    public static string? WithoutCorpus => Corpus is null ? "needs the corpus of real reports, ../shared/corpus" : null;

    /// <summary>Where tests/parts/get.sh puts executables.</summary>
    public static string Bin { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("SECOPS_PARTS") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "secops-parts"), "bin");

    /// <summary>PATH with the parts' folder first.</summary>
    public static string SearchPath { get; } = Bin + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");

    /// <summary>The full path of a part's executable. Throws, naming the command that gets it, when it is absent.</summary>
    public static string Executable(string name) => TryExecutable(name) ?? throw new InvalidOperationException($"{name} is missing; get it with: tests/parts/get.sh {name}");

    public static string? TryExecutable(string name) => ExecutableFinder.Find(name, SearchPath);

    /// <summary>The value of a variable that tests/parts/start.sh printed for a server.</summary>
    public static string Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"{name} is not set; tests/run.sh starts the server and sets it");

    private static string FindRepository()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "DevSecOps.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("the tests run outside the repository");
    }
}

/// <summary>A test that needs executables (<c>bandit</c>) or servers (<c>SECOPS_TEST_REGISTRY</c>): skipped where one is absent, failed in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsFactAttribute : FactAttribute
{
    public NeedsFactAttribute(params string[] parts)
    {
        var missing = parts.Where(IsMissing).ToList();
        if (missing.Count > 0 && !Parts.Strict)
        {
            Skip = $"needs {string.Join(", ", missing)}: see tests/parts/README.md";
        }
    }

    private static bool IsMissing(string part) => part.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_')
        ? string.IsNullOrEmpty(Environment.GetEnvironmentVariable(part))
        : Parts.TryExecutable(part) is null;
}

/// <summary>A test over the real reports beside the repository; skipped where they are absent, in CI too.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CorpusFactAttribute : FactAttribute
{
    public CorpusFactAttribute() => Skip = Parts.WithoutCorpus;
}

/// <summary>As <see cref="CorpusFactAttribute"/>, for theories.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CorpusTheoryAttribute : TheoryAttribute
{
    public CorpusTheoryAttribute() => Skip = Parts.WithoutCorpus;
}
