using System.Text;

namespace SecOps.Processes;

/// <summary>
/// Knows the secrets of this process and takes them out of any text before it is shown, logged or written.
/// Thread-safe; secrets are only ever added.
/// </summary>
public sealed class Redactor
{
    /// <summary>Shorter values are not registered: replacing every "admin" would ruin the output and protect nothing.</summary>
    public const int ShortestSecret = 8;

    private const string Mask = "***";

    private static readonly string[] SecretWords =
        ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY", "CREDENTIAL"];

    // These name a place or a public id, not a secret.
    private static readonly string[] HarmlessEndings = ["_FILE", "_PATH", "_DIR", "_URL", "_URI", "_ID", "_NAME", "_ARN", "_ENDPOINT", "_SOCK"];

    private volatile string[] secrets = [];

    /// <summary>Every registered form, longest first. For overwriting files; never to be shown.</summary>
    internal IReadOnlyList<string> Secrets => secrets;

    public bool IsEmpty => secrets.Length == 0;

    /// <summary>Registers the values of environment variables whose names say that they hold a secret.</summary>
    public void AddEnvironment(IEnumerable<KeyValuePair<string, string>> environment)
    {
        foreach (var (name, value) in environment.Where(v => NamesASecret(v.Key)))
        {
            Add(value);
        }
    }

    /// <summary>Registers a secret, and the forms in which it would leak: URL-encoded, base64, JSON-escaped, each of its lines.</summary>
    public void Add(string? secret)
    {
        if (secret is null || secret.Trim().Length < ShortestSecret)
        {
            return;
        }

        var forms = new HashSet<string>(secrets, StringComparer.Ordinal)
        {
            secret,
            secret.Trim(),
            Uri.EscapeDataString(secret),
            Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)),
            System.Text.Json.JsonEncodedText.Encode(secret).ToString(),
            System.Text.Json.JsonEncodedText.Encode(secret, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
        };
        foreach (var line in secret.Split('\n').Select(l => l.Trim()).Where(l => l.Length >= ShortestSecret && !l.StartsWith("-----", StringComparison.Ordinal)))
        {
            forms.Add(line);
        }

        // Longest first, so that a secret that contains another one leaves no remainder.
        secrets = [.. forms.Where(f => f.Length >= ShortestSecret).OrderByDescending(f => f.Length)];
    }

    /// <summary>The text with every registered secret replaced by ***.</summary>
    public string Redact(string text)
    {
        foreach (var secret in secrets)
        {
            text = text.Replace(secret, Mask, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>As <see cref="Redact"/>, passing null through.</summary>
    public string? RedactOrNull(string? text) => text is null ? null : Redact(text);

    /// <summary>Whether an environment variable of this name holds a secret.</summary>
    public static bool NamesASecret(string name)
    {
        var upper = name.ToUpperInvariant();
        return SecretWords.Any(word => upper.Contains(word, StringComparison.Ordinal))
            && !HarmlessEndings.Any(ending => upper.EndsWith(ending, StringComparison.Ordinal));
    }
}
