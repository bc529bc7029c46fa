namespace SecOps.Remediation.Python.Rules;

/// <summary>B311: random numbers that can be foreseen.</summary>
internal sealed class InsecureRandom() : PythonRule("B311")
{
    private static readonly string[] NoSecret = ["jitter", "backoff", "sleep", "delay", "simulate", "simulation", "simulated", "shuffle", "mock", "demo", "dice", "noise", "game", "color", "colour", "augment", "benchmark"];

    private static readonly string[] Methods = ["random", "randrange", "randint", "choices", "uniform", "triangular", "sample", "shuffle", "gauss"];

    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        if (fix.FindCall(c => fix.Qualified(c).StartsWith("random.", StringComparison.Ordinal)) is not { } call)
        {
            return "no call of random stands there";
        }

        if (source.Calls.Any(c => fix.Qualified(c) == "random.seed"))
        {
            return "the file seeds the generator: its numbers are meant to repeat";
        }

        var words = fix.Surroundings(call.First).Split([' ', '_', '.'], StringSplitOptions.RemoveEmptyEntries);
        if (words.FirstOrDefault(w => NoSecret.Contains(w)) is { } word)
        {
            return $"nothing secret depends on it (\"{word}\")";
        }

        var function = fix.Qualified(call)["random.".Length..];
        var replacement = function switch
        {
            "choice" => "choice",
            "randbytes" => "token_bytes",
            "getrandbits" => "randbits",
            "Random" => "SystemRandom",
            _ when Methods.Contains(function) => "SystemRandom()." + function,
            _ => null,
        };
        if (replacement is null || (function == "Random" && call.Arguments.Count > 0))
        {
            return $"random.{function} has no counterpart that can't be foreseen";
        }

        if (fix.Import("secrets") is not { } module)
        {
            return "the name secrets is taken in this file";
        }

        fix.Replace(call.First, call.Open - 1, $"{module}.{replacement}");
        fix.Summary = "Draw from the system's random source";
        return null;
    }
}
