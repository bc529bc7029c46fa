using SecOps.Findings.Json;

namespace SecOps.Findings;

/// <summary>
/// A baseline, read while the scan runs. First only where each finding stands and how it is called; of those that the run has too, told by
/// their ids, no more is needed. The others are then read whole: a baseline takes the memory of its differences alone.
/// </summary>
public sealed class BaselineFile
{
    private static readonly Rule NoRule = new("");

    private readonly string path;
    private readonly Task<List<Entry>> index;

    private BaselineFile(string path)
    {
        this.path = path;
        index = Task.Run(() => FindingsReader.Open(path, stream => Index(stream, path)));
    }

    /// <summary>Ends when it is known to be a findings document to its end. Fails with <see cref="SecOpsException"/>: it is broken.</summary>
    public Task Ready => index;

    private readonly record struct Entry(string Id, IReadOnlyList<string> Aliases, FindingState State, long Start, int Length);

    /// <summary>Begins to read it.</summary>
    /// <exception cref="SecOpsException">It is absent (2) or does not begin like a findings document (4): better known before a long scan.</exception>
    public static BaselineFile Open(string path)
    {
        FindingsReader.Open(path, stream =>
        {
            var json = new JsonCursor(stream, path);
            return json.Start() && json.BeginObject() && json.NextMember() ? true : throw json.Broken("is not a findings document");
        });
        return new BaselineFile(path);
    }

    /// <summary>Its findings, for <see cref="Matching"/>.</summary>
    /// <exception cref="SecOpsException">It is broken.</exception>
    public IReadOnlyList<Finding> Read(IEnumerable<Finding> current)
    {
        var entries = index.GetAwaiter().GetResult();
        var byId = new Dictionary<string, Finding>(entries.Count);
        foreach (var f in current)
        {
            byId.TryAdd(f.Id, f);
        }

        var pool = new StringPool();
        return FindingsReader.Open(path, stream => entries.ConvertAll(e => byId.TryGetValue(e.Id, out var same) ? Known(e, same) : Whole(stream, e, pool)));
    }

    private static List<Entry> Index(Stream stream, string name)
    {
        var json = new JsonCursor(stream, name);
        var entries = new List<Entry>();
        int? schema = null;
        if (!json.Start() || !json.BeginObject())
        {
            throw json.Broken("is not a findings document");
        }

        while (json.NextMember())
        {
            if (json.Is("schemaVersion"u8))
            {
                schema = FindingsReader.Schema(ref json);
            }
            else if (json.Is("findings"u8))
            {
                var any = json.BeginArray();
                while (any && json.NextElement())
                {
                    entries.Add(Locate(ref json));
                }
            }
            else
            {
                json.Skip();
            }
        }

        json.Finish();
        return schema is null ? throw json.Broken("is not a findings document: schemaVersion is missing") : entries;
    }

    private static Entry Locate(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            throw json.Broken("findings holds something that is not an object");
        }

        var start = json.TokenStart;
        string id = "";
        IReadOnlyList<string> aliases = [];
        var state = FindingState.New;
        while (json.NextMember())
        {
            if (json.Is("id"u8)) { id = json.Text() ?? ""; }
            else if (json.Is("aliases"u8)) { aliases = json.Texts() is { Count: > 0 } some ? some : []; }
            else if (json.Is("state"u8)) { state = FindingsReader.Word<FindingState>(ref json, "state"); }
            else { json.Skip(); }
        }

        return new Entry(id, aliases, state, start, (int)(json.TokenStart + 1 - start));
    }

    /// <summary>For matching, a known finding without other names is as good as the run's own one of that id.</summary>
    private static Finding Known(Entry e, Finding same) => e.State != FindingState.Fixed && e.Aliases.Count == 0 && same.Aliases.Count == 0 ? same : new()
    {
        Id = e.Id,
        Aliases = e.Aliases,
        State = e.State,
        Category = Category.Code,
        Severity = Severity.Unknown,
        Title = "",
        Rule = NoRule,
        Scanners = [],
    };

    private Finding Whole(Stream stream, Entry e, StringPool pool)
    {
        var bytes = new byte[e.Length];
        stream.Position = e.Start;
        stream.ReadExactly(bytes);
        var json = new JsonCursor(new MemoryStream(bytes), path, pool);
        var finding = json.Start() ? FindingReader.Read(ref json) : throw json.Broken("changed while it was read");
        json.Finish();
        return finding;
    }
}
