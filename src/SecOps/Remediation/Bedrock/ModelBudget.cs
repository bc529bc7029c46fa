using System.Globalization;

namespace SecOps.Remediation.Bedrock;

/// <summary>What a run may spend. Asked before each call, with the most that the call can cost.</summary>
/// <param name="InputPrice">US dollars for a million tokens sent.</param>
/// <param name="OutputPrice">US dollars for a million tokens received.</param>
public sealed record ModelLimits(int Findings, int Calls, int InputTokens, int OutputTokens, decimal Cost, decimal InputPrice, decimal OutputPrice);

/// <summary>Counts what was spent.</summary>
public sealed class ModelBudget(ModelLimits limits)
{
    private int calls;
    private int input;
    private int output;
    private readonly HashSet<string> findings = new(StringComparer.Ordinal);

    public decimal Spent => CostOf(input, output);

    /// <summary>Code has fewer characters a token than prose; this errs on the expensive side.</summary>
    public static int Tokens(int characters) => characters / 3 + 1;

    public decimal CostOf(int inputTokens, int outputTokens) => (inputTokens * limits.InputPrice + outputTokens * limits.OutputPrice) / 1_000_000m;

    /// <summary>Why the call can't be made; null when it can.</summary>
    public string? Refusal(string finding, int inputTokens, int maxOutputTokens)
    {
        var count = findings.Contains(finding) ? findings.Count : findings.Count + 1;
        return count > limits.Findings ? Over($"{limits.Findings} findings")
            : calls + 1 > limits.Calls ? Over($"{limits.Calls} calls")
            : input + inputTokens > limits.InputTokens ? Over($"{limits.InputTokens} input tokens")
            : output + maxOutputTokens > limits.OutputTokens ? Over($"{limits.OutputTokens} output tokens")
            : CostOf(input + inputTokens, output + maxOutputTokens) > limits.Cost ? Over(string.Create(CultureInfo.InvariantCulture, $"{limits.Cost} US dollars"))
            : null;
    }

    /// <summary>A call is about to be made; it counts whatever becomes of it.</summary>
    public void Begin(string finding)
    {
        findings.Add(finding);
        calls++;
    }

    public void Spend(int inputTokens, int outputTokens)
    {
        input += inputTokens;
        output += outputTokens;
    }

    private static string Over(string limit) => $"the budget of {limit} would be exceeded";
}
