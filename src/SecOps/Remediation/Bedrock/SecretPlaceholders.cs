using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using SecOps.Processes;

namespace SecOps.Remediation.Bedrock;

/// <summary>Takes secrets out of a text before it leaves the machine, and puts them back into what comes in.</summary>
public sealed partial class SecretPlaceholders(Redactor redactor)
{
    private readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal);
    private readonly string mark = "SECRET_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)) + "_";

    /// <summary>What every placeholder begins with; random, so that no text can hold one beforehand.</summary>
    public string Mark => mark;

    public string Hide(string text)
    {
        foreach (var secret in redactor.Secrets)
        {
            text = text.Replace(secret, Placeholder(secret), StringComparison.Ordinal);
        }

        foreach (var pattern in Patterns)
        {
            text = pattern.Replace(text, match =>
            {
                var group = match.Groups["secret"] is { Success: true } named ? named : match;
                return group.Value.Contains(mark, StringComparison.Ordinal)
                    ? match.Value
                    : string.Concat(match.Value.AsSpan(0, group.Index - match.Index), Placeholder(group.Value), match.Value.AsSpan(group.Index - match.Index + group.Length));
            });
        }

        return text;
    }

    /// <summary>The text for people, with every secret replaced by ***.</summary>
    public static string Mask(string text, Redactor redactor)
    {
        var placeholders = new SecretPlaceholders(redactor);
        text = placeholders.Hide(text);
        return placeholders.secrets.Keys.Aggregate(text, (t, placeholder) => t.Replace(placeholder, "***", StringComparison.Ordinal));
    }

    public string Restore(string text)
    {
        foreach (var (placeholder, secret) in secrets)
        {
            text = text.Replace(placeholder, secret, StringComparison.Ordinal);
        }

        return text;
    }

    private string Placeholder(string secret)
    {
        if (secrets.FirstOrDefault(s => s.Value == secret).Key is { } known)
        {
            return known;
        }

        var placeholder = string.Create(CultureInfo.InvariantCulture, $"{mark}{secrets.Count + 1:000}_");
        secrets[placeholder] = secret;
        return placeholder;
    }

    private static readonly Regex[] Patterns =
    [
        PrivateKey(), Tokens(), AwsSecret(), Jwt(), UrlPassword(), ConnectionString(), Webhook(), Bearer(), Assigned(),
    ];

    [GeneratedRegex(@"-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY( BLOCK)?-----|\z)")]
    private static partial Regex PrivateKey();

    /// <summary>Formats that their issuers document: AWS, GitHub, GitLab, Slack, Stripe, Google, SendGrid, npm, PyPI, Anthropic, OpenAI, DigitalOcean, Vault, Twilio, Mailgun, Telegram, Shopify, Databricks, Hugging Face, Docker.</summary>
    [GeneratedRegex(@"\b(?:(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|sk-ant-[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9_-]{20,}|do[opr]_v1_[a-f0-9]{40,}|hv[sbr]\.[A-Za-z0-9_-]{20,}|(?:SK|AC)[a-f0-9]{32}|key-[a-f0-9]{32}|\d{8,10}:[A-Za-z0-9_-]{35}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|dapi[a-f0-9]{32}|hf_[A-Za-z0-9]{30,}|dckr_pat_[A-Za-z0-9_-]{20,})")]
    private static partial Regex Tokens();

    [GeneratedRegex("(?i:aws_?(?:secret_?)?(?:access_?)?key|secret_?access_?key)[\"']?\\s*[:=]\\s*[\"']?(?<secret>[A-Za-z0-9/+=]{40})\\b")]
    private static partial Regex AwsSecret();

    [GeneratedRegex(@"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")]
    private static partial Regex Jwt();

    [GeneratedRegex(@"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@""'{}]*:(?<secret>[^\s/@""'{}]+)@")]
    private static partial Regex UrlPassword();

    [GeneratedRegex(@"(?i)\b(?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd)=(?<secret>[^;""'\s{}]{6,})")]
    private static partial Regex ConnectionString();

    [GeneratedRegex(@"https://(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks|[a-z0-9]+\.webhook\.office\.com)/(?<secret>[A-Za-z0-9/_@-]+)")]
    private static partial Regex Webhook();

    [GeneratedRegex(@"(?i)\b(?:bearer|basic)\s+(?<secret>[A-Za-z0-9._~+/-]{16,}=*)")]
    private static partial Regex Bearer();

    /// <summary>Any text that a name of that kind is set to.</summary>
    [GeneratedRegex("(?i)[\\w-]*(?:passw(?:or)?d|passwd|passphrase|secret|token|api_?key|access_?key|private_?key|credential)[\\w-]*[\"']?\\]?\\s*(?::\\s*\\w+\\s*)?[:=]{1,2}\\s*[rbuf]?([\"'])(?<secret>[^\"'\\n]{6,})\\1")]
    private static partial Regex Assigned();
}
