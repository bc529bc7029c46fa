using System.Text.Json.Nodes;

namespace SecOps.Commands;

/// <summary>How far a build with <c>--bump</c> has come.</summary>
internal enum ReleaseState { Building, Built, Finished }

/// <summary>
/// <c>.secops/release.json</c>: written before each step of a build with <c>--bump</c>, so that one that was killed is gone on with:
/// no version is raised twice, none is lost.
/// </summary>
/// <param name="Stage">The run and stage that it belongs to; empty outside <c>secops run</c>.</param>
/// <param name="Base">The commit that the image is built from.</param>
internal sealed record ReleaseJournal(string Stage, string Before, string Version, string Base, ReleaseState State)
{
    private const string FileName = "release.json";

    /// <returns>Null when there is none, or none that can be read: then nothing is known of an earlier build.</returns>
    public static ReleaseJournal? Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            return !File.Exists(file) || JsonNode.Parse(File.ReadAllText(file)) is not JsonObject json || !Enum.TryParse<ReleaseState>(Text(json, "state"), ignoreCase: true, out var state) ? null
                : new ReleaseJournal(Text(json, "stage"), Text(json, "before"), Text(json, "version"), Text(json, "base"), state);
        }
        catch (Exception e) when (e is IOException or System.Text.Json.JsonException or InvalidOperationException)
        {
            return null;
        }

        static string Text(JsonObject json, string name) => json[name]?.GetValue<string>() ?? "";
    }

    public ReleaseJournal Write(string folder)
    {
        AtomicFile.WriteText(Path.Combine(folder, FileName), new JsonObject
        {
            ["stage"] = Stage,
            ["before"] = Before,
            ["version"] = Version,
            ["base"] = Base,
            ["state"] = State.ToString().ToLowerInvariant(),
        }.ToJsonString() + "\n");
        return this;
    }

    public static void Delete(string folder) => File.Delete(Path.Combine(folder, FileName));
}
