namespace SecOps.Testing;

/// <summary>Secrets of many kinds, none of them real. Put together here, so that no scanner of this repository takes them for real ones.</summary>
public static class PlantedSecrets
{
    private static readonly string Hex32 = string.Concat(Enumerable.Repeat("0a1b2c3d", 4));

    public static IReadOnlyList<(string Kind, string Text)> All { get; } =
    [
        ("AWS access key", "AKIA" + "IOSFODNN7EXAMPLQ"),
        ("AWS secret key", "aws_secret_access_key = " + Long(40)),
        ("GitHub token", "ghp_" + Long(36)),
        ("GitHub fine-grained token", "github_pat_" + Long(50)),
        ("GitLab token", "glpat-" + Long(20)),
        ("Slack token", "xoxb-" + "123456789012-" + Long(24)),
        ("Slack webhook", "https://hooks.slack.com/services/" + "T00/B00/" + Long(24)),
        ("Stripe key", "sk_live_" + Long(24)),
        ("Google API key", "AIza" + Long(35)),
        ("Google client secret", "GOCSPX-" + Long(28)),
        ("SendGrid key", "SG." + Long(22) + "." + Long(43)),
        ("npm token", "npm_" + Long(36)),
        ("PyPI token", "pypi-" + Long(60)),
        ("Anthropic key", "sk-ant-" + Long(40)),
        ("Vault token", "hvs." + Long(30)),
        ("Twilio key", "SK" + Hex32),
        ("JSON web token", "eyJhbGciOiJI" + Long(10) + ".eyJzdWIiOiI" + Long(12) + "." + Long(30)),
        ("Private key", "-----BEGIN RSA PRIVATE " + "KEY-----\n" + Long(64) + "\n" + Long(64) + "\n-----END RSA PRIVATE KEY-----"),
        ("Password in an address", "postgres://app:" + "hunter2-xyz" + "@db/shop"),
        ("Connection string", "Server=x;Password=" + "Sw0rdf1sh;"),
        ("Bearer token", "Authorization: Bearer " + Long(32)),
        ("Assigned password", "DB_PASSWORD = \"" + "correct-horse" + "\""),
        ("Telegram token", "12345678:" + Long(35)),
        ("Hugging Face token", "hf_" + Long(34)),
    ];

    /// <summary>What of a planted text may stand nowhere: its long parts that are no names.</summary>
    public static IEnumerable<string> Parts(string text) =>
        text.Split([' ', '=', ':', '/', '@', ';', '"', '\n', '.'], StringSplitOptions.RemoveEmptyEntries)
            .Where(p => p.Length >= 11 && p is not ("aws_secret_access_key" or "Authorization" or "DB_PASSWORD") && !p.Contains("BEGIN", StringComparison.Ordinal) && !p.Contains("hooks", StringComparison.Ordinal));

    private static string Long(int length) => string.Concat(Enumerable.Range(0, length).Select(i => "aB3dE5gH7jK9mN1pQ"[i % 17]));
}
