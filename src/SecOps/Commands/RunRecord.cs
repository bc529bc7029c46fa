using System.Globalization;
using System.Text.Json;
using SecOps.Findings;

namespace SecOps.Commands;

/// <summary>How a stage of <c>secops run</c> stands.</summary>
internal enum StageStatus { Waiting, Running, Done, Failed, Stopped, LeftOut }

/// <summary>One stage's line in <c>.secops/run.json</c>.</summary>
internal sealed record StageRecord(string Name, StageStatus Status, int? ExitCode = null, long DurationMs = 0)
{
    /// <summary>Files below <c>.secops</c> that it has written.</summary>
    public IReadOnlyList<string> Produced { get; init; } = [];
}

/// <summary>
/// <c>.secops/run.json</c>: what the run under way has done, written after every step, so that a killed run can be taken up.
/// The fingerprint covers what the stages depend on: configuration, folder, content of the work tree.
/// </summary>
/// <param name="Id">The same as long as the run is taken up.</param>
internal sealed record RunRecord(string Id, DateTimeOffset StartedAt, string Fingerprint, IReadOnlyList<StageRecord> Stages)
{
    public StageRecord this[string name] => Stages.First(s => s.Name == name);

    public static RunRecord? Read(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            var root = document.RootElement;
            return new RunRecord(
                root.GetProperty("id").GetString()!, root.GetProperty("startedAt").GetDateTimeOffset(), root.GetProperty("fingerprint").GetString()!,
                [.. root.GetProperty("stages").EnumerateArray().Select(ReadStage)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IOException)
        {
            // Not ours, or of another version: the stages are done anew, and each of them does nothing twice.
            return null;
        }
    }

    public void Write(string file) => AtomicFile.Write(file, Write);

    public void Write(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("startedAt", StartedAt);
        json.WriteString("fingerprint", Fingerprint);
        json.WriteStartArray("stages");
        foreach (var stage in Stages)
        {
            json.WriteStartObject();
            json.WriteString("name", stage.Name);
            json.WriteString("status", Word(stage.Status));
            if (stage.ExitCode is { } code)
            {
                json.WriteNumber("exitCode", code);
                json.WriteString("verdict", Meaning(code));
            }

            json.WriteNumber("durationMs", stage.DurationMs);
            json.WriteStartArray("produced");
            foreach (var produced in stage.Produced)
            {
                json.WriteStringValue(produced);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    }

    public static string Word(StageStatus status) => status == StageStatus.LeftOut ? "leftOut" : status.ToString().ToLowerInvariant();

    /// <summary>What an exit code says, in words.</summary>
    public static string Meaning(int? code) => code switch
    {
        null => "",
        ExitCode.Clean => "ok",
        ExitCode.GateFailed => "the gate failed",
        ExitCode.Usage => "usage or configuration error",
        ExitCode.Incomplete => "incomplete",
        ExitCode.ToolFailed => "a tool or a remote failed",
        ExitCode.RolledBack => "the deployment was rolled back",
        ExitCode.Cancelled => "cancelled",
        ExitCode.Bug => "a bug in secops",
        _ => string.Create(CultureInfo.InvariantCulture, $"exit code {code}"),
    };

    private static StageRecord ReadStage(JsonElement stage) => new(
        stage.GetProperty("name").GetString()!,
        Words.TryParse<StageStatus>(stage.GetProperty("status").GetString(), out var status) ? status : StageStatus.Waiting,
        stage.TryGetProperty("exitCode", out var code) ? code.GetInt32() : null,
        stage.GetProperty("durationMs").GetInt64())
    {
        Produced = [.. stage.GetProperty("produced").EnumerateArray().Select(p => p.GetString()!)],
    };
}
