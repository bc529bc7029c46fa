using SecOps.Findings.Json;

namespace SecOps.Findings;

/// <summary>Reads <c>gate</c>.</summary>
internal static class GateReader
{
    public static GateResult? Read(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        Verdict? verdict = null;
        List<GateReason> reasons = [];
        List<string> notes = [];
        GatePolicy? policy = null;
        while (json.NextMember())
        {
            if (json.Is("verdict"u8))
            {
                verdict = FindingsReader.Word<Verdict>(ref json, "verdict");
            }
            else if (json.Is("reasons"u8))
            {
                var any = json.BeginArray();
                while (any && json.NextElement())
                {
                    reasons.Add(Reason(ref json));
                }
            }
            else if (json.Is("notes"u8))
            {
                notes = json.Texts();
            }
            else if (json.Is("policy"u8))
            {
                policy = Policy(ref json);
            }
            else
            {
                json.Skip();
            }
        }

        return verdict is null ? throw json.Broken("the gate lacks its verdict") : new GateResult(verdict.Value, reasons) { Notes = notes, Policy = policy };
    }

    private static GateReason Reason(ref JsonCursor json)
    {
        var reason = new GateReason("");
        if (!json.BeginObject())
        {
            return reason;
        }

        while (json.NextMember())
        {
            if (json.Is("because"u8)) { reason = reason with { Because = json.Text() ?? "" }; }
            else if (json.Is("finding"u8)) { reason = reason with { Finding = json.Text() }; }
            else if (json.Is("rule"u8)) { reason = reason with { Rule = json.Text() }; }
            else if (json.Is("waiver"u8)) { reason = reason with { Waiver = json.Text() }; }
            else if (json.Is("scanner"u8)) { reason = reason with { Scanner = json.Text() }; }
            else { json.Skip(); }
        }

        return reason;
    }

    private static GatePolicy? Policy(ref JsonCursor json)
    {
        if (!json.BeginObject())
        {
            return null;
        }

        var policy = new GatePolicy();
        while (json.NextMember())
        {
            if (json.Is("failOn"u8)) { policy = policy with { FailOn = FindingsReader.Word<Severity>(ref json, "failOn") }; }
            else if (json.Is("categories"u8)) { policy = policy with { Categories = Categories(ref json) }; }
            else if (json.Is("newOnly"u8)) { policy = policy with { NewOnly = json.Text() == "true" }; }
            else if (json.Is("require"u8)) { policy = policy with { Require = json.Texts() }; }
            else if (json.Is("qualityGate"u8)) { policy = policy with { QualityGate = json.Text() == "true" }; }
            else if (json.Is("maxDatabaseAgeSeconds"u8)) { policy = policy with { MaxDatabaseAge = Age(json.Number()) }; }
            else { json.Skip(); }
        }

        return policy;
    }

    private static TimeSpan? Age(double? seconds) => seconds is >= 0 and < 1e11 ? TimeSpan.FromSeconds(seconds.Value) : null;

    private static Dictionary<Category, Severity> Categories(ref JsonCursor json)
    {
        var categories = new Dictionary<Category, Severity>();
        var any = json.BeginObject();
        while (any && json.NextMember())
        {
            var name = json.MemberName();
            if (!Words.TryParse<Category>(name, out var category))
            {
                throw json.Broken($"categories holds \"{name}\", which is none");
            }

            categories[category] = FindingsReader.Word<Severity>(ref json, name);
        }

        return categories;
    }
}
