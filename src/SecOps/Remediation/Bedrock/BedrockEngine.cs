using System.Text.RegularExpressions;
using SecOps.Findings;
using SecOps.Processes;

namespace SecOps.Remediation.Bedrock;

/// <summary>Asks Claude on Amazon Bedrock. What comes back can be nothing but edits to the one file that was sent.</summary>
public sealed partial class BedrockEngine(BedrockModel model, ModelBudget budget, AuditLog audit, Redactor redactor) : IFixEngine
{
    /// <summary>Reserved from the quota before each call; edits are short.</summary>
    public const int MaxTokens = 4000;

    private string? unavailable;

    public string Name => model.Id;

    /// <summary>Security gets worse after more.</summary>
    public int Attempts => 3;

    public bool IsModel => true;

    /// <summary>US dollars so far.</summary>
    public decimal Spent => budget.Spent;

    public IReadOnlyList<string> Successors(FixRequest request) => RuleList.Find(request.Finding)?.Successors ?? [];

    public async Task<FixResult> ProposeAsync(FixRequest request, int attempt, string? failure, CancellationToken cancellation)
    {
        if (unavailable is not null)
        {
            return new NoFix(unavailable);
        }

        if (Prepare(request, failure) is not { } prepared)
        {
            return new NoFix("the file is not sent to a model: it is no source text, or may hold keys");
        }

        var (path, code, hidden, user, secrets) = prepared;
        var input = InputTokens(user);
        ModelAnswer answer;
        try
        {
            answer = await model.AskAsync(FixPrompt.System, user, MaxTokens, () => Allow(request.Finding, input), cancellation);
        }
        catch (ModelUnavailableException e)
        {
            unavailable = redactor.Redact(e.Message);
            audit.Add(json =>
            {
                json.WriteString("finding"u8, request.Finding.Id);
                json.WriteNumber("attempt"u8, attempt);
                json.WriteString("model"u8, model.Id);
                json.WriteString("error"u8, secrets.Hide(unavailable));
            });
            return new NoFix(unavailable);
        }

        budget.Spend(answer.InputTokens, answer.OutputTokens);
        audit.Add(json =>
        {
            json.WriteString("finding"u8, request.Finding.Id);
            json.WriteNumber("attempt"u8, attempt);
            json.WriteString("model"u8, model.Id);
            json.WriteString("prompt"u8, AuditLog.Hash(FixPrompt.System + user));
            json.WriteString("response"u8, AuditLog.Hash(answer.Text));
            json.WriteString("stopReason"u8, answer.StopReason);
            json.WriteNumber("inputTokens"u8, answer.InputTokens);
            json.WriteNumber("outputTokens"u8, answer.OutputTokens);
            json.WriteNumber("cost"u8, budget.CostOf(answer.InputTokens, answer.OutputTokens));
        });
        return Read(answer, request, path, code, hidden, secrets) switch
        {
            NoFix refused => Refused(request, attempt, refused),
            var result => result,
        };
    }

    public void Judged(FixRequest request, int attempt, string? gate, string decision) => audit.Add(json =>
    {
        json.WriteString("finding"u8, request.Finding.Id);
        json.WriteNumber("attempt"u8, attempt);
        json.WriteString("gate"u8, gate);
        json.WriteString("decision"u8, decision);
    });

    /// <summary>What would be sent for a finding; null when nothing would.</summary>
    /// <returns>The file, and the most tokens and dollars that one call takes.</returns>
    public (string Path, int InputTokens, decimal Cost)? Preview(FixRequest request) => Prepare(request, null) is { } prepared
        ? (prepared.Path, InputTokens(prepared.User), budget.CostOf(InputTokens(prepared.User), MaxTokens))
        : null;

    private static int InputTokens(string user) => ModelBudget.Tokens(FixPrompt.System.Length + user.Length);

    private string? Allow(Finding finding, int input)
    {
        if (budget.Refusal(finding.Id, input, MaxTokens) is { } refusal)
        {
            return refusal;
        }

        budget.Begin(finding.Id);
        return null;
    }

    private (string Path, string Code, string Hidden, string User, SecretPlaceholders Secrets)? Prepare(FixRequest request, string? failure)
    {
        var path = request.Finding.Location.Path;
        if (path is null || NeverSent().IsMatch(path) || request.Tree.Read(path) is not { } code)
        {
            return null;
        }

        var secrets = new SecretPlaceholders(redactor);
        var hidden = secrets.Hide(code);
        var finding = request.Finding with { Message = secrets.Hide(request.Finding.Message ?? request.Finding.Title) };
        return (path, code, hidden, FixPrompt.User(finding, path, hidden, failure is null ? null : secrets.Hide(failure)), secrets);
    }

    private NoFix Refused(FixRequest request, int attempt, NoFix refused)
    {
        Judged(request, attempt, "answer", refused.Reason);
        return refused;
    }

    private static FixResult Read(ModelAnswer answer, FixRequest request, string path, string code, string hidden, SecretPlaceholders secrets)
    {
        if (answer.StopReason != "end_turn")
        {
            return new NoFix($"the answer was cut ({answer.StopReason})") { IsFinal = false };
        }

        if (answer.Text.TrimStart().StartsWith(EditBlocks.None, StringComparison.Ordinal))
        {
            return new NoFix("the model sees no safe fix: " + Terminal.Clean(answer.Text.Trim()[EditBlocks.None.Length..].Trim()));
        }

        try
        {
            var after = hidden;
            foreach (var block in EditBlocks.Parse(answer.Text))
            {
                if (block.Path != path)
                {
                    return new NoFix($"an edit is for {Terminal.Clean(block.Path)}, which was not sent") { IsFinal = false };
                }

                after = EditBlocks.Apply(after, block);
            }

            var (removed, added) = LineDifference.Of(hidden, after);
            if (removed.Concat(added).Any(l => l.Contains(secrets.Mark, StringComparison.Ordinal)))
            {
                return new NoFix("an edit touches a line that holds a secret") { IsFinal = false };
            }

            return new Proposal([new FileChange(path, code, secrets.Restore(after))], $"Mend {request.Finding.Rule.Id}") { Risk = "Written by a model: read it as you would a stranger's." };
        }
        catch (FormatException e)
        {
            return new NoFix(e.Message) { IsFinal = false };
        }
    }

    [GeneratedRegex(@"(^|/)(\.env[^/]*|id_(rsa|dsa|ecdsa|ed25519)[^/]*|[^/]*\.(pem|key|p12|pfx|jks|keystore|kdbx|tfstate|tfstate\.backup|tfvars)|credentials[^/]*|\.netrc|\.pypirc|\.npmrc|secrets?\.[^/]*)$", RegexOptions.IgnoreCase)]
    private static partial Regex NeverSent();
}
