using System.Globalization;
using System.Text.Json;
using SecOps.Configuration;
using SecOps.Delivery.Build;

namespace SecOps.Commands;

/// <summary>What a stage has left in the folder of results, for the summary of <c>secops run</c>.</summary>
internal static class StageProduct
{
    /// <summary>What each command writes, relative to the folder.</summary>
    private static readonly Dictionary<string, string[]> Written = new()
    {
        ["scan"] = ["findings.json", "gate.json"],
        ["build"] = [ImageRecord.FileName],
        ["push"] = [ImageRecord.FileName],
        ["deploy"] = ["deploy.json", "terraform.json"],
        ["remediate"] = ["findings.json", "snapshot.json", "remediate-audit.jsonl"],
        ["report"] = ["findings.json", "reports"],
    };

    /// <summary>When each file that the stage may write was written; asked before it begins.</summary>
    public static IReadOnlyDictionary<string, DateTime> Times(RunStage stage, string folder)
    {
        var files = new List<string>();
        foreach (var name in Written.GetValueOrDefault(stage.Arguments[0], []))
        {
            var path = Path.Combine(folder, name);
            files.AddRange(Directory.Exists(path) ? Directory.EnumerateFiles(path) : File.Exists(path) ? [path] : []);
        }

        return files.ToDictionary(f => Path.GetRelativePath(folder, f).Replace('\\', '/'), File.GetLastWriteTimeUtc);
    }

    /// <summary>Files that the stage has written, relative to the folder, with /. A stage may be over within one tick of the file system's clock, so only what changed tells.</summary>
    /// <param name="before">Their <see cref="Times"/> before it began.</param>
    public static IReadOnlyList<string> Files(RunStage stage, string folder, IReadOnlyDictionary<string, DateTime> before) =>
        [.. Times(stage, folder).Where(f => !before.TryGetValue(f.Key, out var time) || time != f.Value).Select(f => f.Key).Order(StringComparer.Ordinal)];

    /// <summary>The same for a person: a verdict, an image, or the files' names.</summary>
    public static string Describe(RunStage stage, string folder, IReadOnlyList<string> files)
    {
        try
        {
            return files.Count == 0 ? ""
                : stage.Arguments[0] == "scan" ? Verdict(Path.Combine(folder, "gate.json"))
                : stage.Arguments[0] is "build" or "push" && ImageRecord.Read(folder) is { } image ? image.Digest is { } digest ? $"{image.Repository}@{digest}" : image.Reference
                : string.Join(", ", files);
        }
        catch (Exception e) when (e is SecOpsException or IOException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return string.Join(", ", files);
        }
    }

    private static string Verdict(string file)
    {
        using var gate = JsonDocument.Parse(File.ReadAllBytes(file));
        var reasons = gate.RootElement.GetProperty("reasons").GetArrayLength();
        return string.Create(CultureInfo.InvariantCulture, $"gate {gate.RootElement.GetProperty("verdict").GetString()}{(reasons == 0 ? "" : $", {reasons} {(reasons == 1 ? "reason" : "reasons")}")}");
    }
}
