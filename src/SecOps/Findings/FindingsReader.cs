using System.Globalization;
using SecOps.Findings.Json;

namespace SecOps.Findings;

/// <summary>Reads <c>findings.json</c>. Unknown members are ignored; a newer schema version is refused.</summary>
public static class FindingsReader
{
    /// <exception cref="SecOpsException">The file is absent (2) or not a findings document (4).</exception>
    public static FindingsDocument Read(string path) => Open(path, stream => Read(stream, path));

    internal static T Open<T>(string path, Func<Stream, T> read)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            return read(stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw SecOpsException.Usage($"{path} does not exist. Run \"secops scan\" first, or name another folder with --output.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Tool($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <param name="name">Names the document in errors.</param>
    public static FindingsDocument Read(Stream stream, string name)
    {
        var json = new JsonCursor(stream, name);
        if (!json.Start() || !json.BeginObject())
        {
            throw json.Broken("is not a findings document");
        }

        int? schema = null;
        RunInfo? run = null;
        List<Coverage> coverage = [];
        List<Finding> findings = [];
        List<string> notes = [];
        GateResult? gate = null;
        while (json.NextMember())
        {
            if (json.Is("schemaVersion"u8))
            {
                schema = Schema(ref json);
            }
            else if (json.Is("run"u8))
            {
                run = Run(ref json);
            }
            else if (json.Is("coverage"u8))
            {
                var any = json.BeginArray();
                while (any && json.NextElement())
                {
                    coverage.Add(CoverageReader.Read(ref json));
                }
            }
            else if (json.Is("findings"u8))
            {
                var any = json.BeginArray();
                while (any && json.NextElement())
                {
                    findings.Add(FindingReader.Read(ref json));
                }
            }
            else if (json.Is("gate"u8))
            {
                gate = GateReader.Read(ref json);
            }
            else if (json.Is("waiverNotes"u8))
            {
                notes = json.Texts();
            }
            else
            {
                json.Skip();
            }
        }

        if (schema is null || run is null)
        {
            throw json.Broken("is not a findings document: schemaVersion or run is missing");
        }

        json.Finish();
        return new FindingsDocument { Run = run, Coverage = coverage, Findings = findings, Gate = gate, WaiverNotes = notes };
    }

    internal static int? Schema(ref JsonCursor json)
    {
        var schema = json.Integer();
        return schema > FindingsDocument.CurrentSchema
            ? throw json.Broken($"has schema version {schema}; this secops reads up to {FindingsDocument.CurrentSchema}. Update secops")
            : schema;
    }

    private static RunInfo Run(ref JsonCursor json)
    {
        var run = new RunInfo { Id = "", StartedAt = default, FinishedAt = default, SecopsVersion = "" };
        if (!json.BeginObject())
        {
            return run;
        }

        while (json.NextMember())
        {
            if (json.Is("id"u8)) { run = run with { Id = json.Text() ?? "" }; }
            else if (json.Is("startedAt"u8)) { run = run with { StartedAt = Time(json.Text()) ?? default }; }
            else if (json.Is("finishedAt"u8)) { run = run with { FinishedAt = Time(json.Text()) ?? default }; }
            else if (json.Is("commit"u8)) { run = run with { Commit = json.Text() }; }
            else if (json.Is("branch"u8)) { run = run with { Branch = json.Text() }; }
            else if (json.Is("secopsVersion"u8)) { run = run with { SecopsVersion = json.Text() ?? "" }; }
            else { json.Skip(); }
        }

        return run;
    }

    internal static T Word<T>(ref JsonCursor json, string member)
        where T : struct, Enum
    {
        var word = json.Text();
        return Words.TryParse<T>(word, out var value) ? value : throw json.Broken($"{member} is \"{word}\", which is none of its values");
    }

    internal static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
