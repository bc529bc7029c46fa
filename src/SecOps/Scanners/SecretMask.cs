namespace SecOps.Scanners;

/// <summary>Hides the secret in what a secret scanner quotes: reports travel further than the repository.</summary>
internal static class SecretMask
{
    /// <param name="match">The flagged text.</param>
    /// <param name="secret">The secret in it, where the scanner names it apart.</param>
    /// <param name="mask">What to put in its place; null: as many asterisks.</param>
    public static string? Mask(string? match, string? secret, string? mask = null)
    {
        if (string.IsNullOrEmpty(match))
        {
            return string.IsNullOrEmpty(secret) ? match : mask ?? new string('*', Math.Min(secret.Length, 40));
        }

        if (!string.IsNullOrEmpty(secret) && match.Contains(secret, StringComparison.Ordinal))
        {
            return match.Replace(secret, mask ?? new string('*', Math.Min(secret.Length, 40)), StringComparison.Ordinal);
        }

        // Already masked by its scanner.
        if (match.Contains("***", StringComparison.Ordinal) || match.Contains("REDACTED", StringComparison.Ordinal))
        {
            return match;
        }

        // What is assigned to is worth reading, what is assigned is not.
        var value = match.AsSpan().IndexOfAny("=:\"'");
        var start = value < 0 ? 0 : value + 1;
        return string.Concat(match.AsSpan(0, start), new string('*', Math.Min(match.Length - start, 40)));
    }
}
