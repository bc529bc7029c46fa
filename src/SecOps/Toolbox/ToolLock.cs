using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecOps.Toolbox;

/// <summary>What <c>secops tools</c> installs: <c>tools.lock.json</c>, which is part of the product. Its README says where the hashes are from.</summary>
public sealed record ToolLock(IReadOnlyList<LockedTool> Tools)
{
    /// <summary>Container images by the tool's name, each by digest.</summary>
    public IReadOnlyDictionary<string, string> Images { get; init; } = new Dictionary<string, string>();

    /// <summary>The product's own.</summary>
    public static ToolLock Own { get; } = Load();

    /// <returns>Null when there is no such tool.</returns>
    public LockedTool? Find(string name) => Tools.FirstOrDefault(t => t.Name == name);

    /// <summary>What to do for a tool that is missing or too old: <c>run "secops tools install NAME"</c>, or for a tool that the lock file lacks to install it by hand.</summary>
    public static string Advice(ToolSpecification tool) => Own.Find(tool.Name) is null
        ? $"install {tool.Executable} as its makers say, so that it is on PATH"
        : $"run \"secops tools install {tool.Name}\"";

    private static ToolLock Load()
    {
        using var stream = typeof(ToolLock).Assembly.GetManifestResourceStream("tools.lock.json")!;
        return JsonSerializer.Deserialize(stream, ToolboxJson.Default.ToolLock)!;
    }
}

/// <summary>One tool and the ways to have it, tried in this order: release archive, PyPI, Debian.</summary>
/// <param name="Executable">Without extension.</param>
public sealed record LockedTool(string Name, string Version, string Executable)
{
    /// <summary>By .NET runtime identifier, e.g. <c>linux-x64</c>.</summary>
    public IReadOnlyDictionary<string, LockedArchive>? Archives { get; init; }

    public LockedPython? Python { get; init; }

    public LockedDebian? Debian { get; init; }
}

/// <summary>A release archive, <c>.tar.gz</c> or <c>.zip</c>.</summary>
/// <param name="Executable">Where the executable lies in it, with extension.</param>
public sealed record LockedArchive(string Url, string Sha256, string Executable);

/// <summary>Everything that pip may install, each by version and hash.</summary>
/// <param name="OldestPython">The oldest interpreter that these versions run on.</param>
public sealed record LockedPython(string OldestPython, IReadOnlyList<LockedPackage> Packages);

/// <param name="Hashes">SHA-256 of each file that may be taken.</param>
/// <param name="Marker">An environment marker (PEP 508) when the package is not for every platform.</param>
public sealed record LockedPackage(string Name, string Version, IReadOnlyList<string> Hashes, string? Marker = null);

/// <summary>
/// A pure Python program among Debian's packages. What pins it is the signature of Debian's index, which holds the hash of each package;
/// a suite may move on to a newer version, so the version that was got is recorded on installing.
/// </summary>
/// <param name="Suites">Tried in this order; the program must run on this machine's interpreter.</param>
/// <param name="Start"><c>module:function</c>.</param>
/// <param name="Modules">What it imports, to the package of this machine's own suite that has it where the interpreter does not.</param>
public sealed record LockedDebian(string Package, IReadOnlyList<string> Suites, string Start, IReadOnlyDictionary<string, string> Modules);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ToolLock))]
[JsonSerializable(typeof(InstalledManifest))]
internal sealed partial class ToolboxJson : JsonSerializerContext;
