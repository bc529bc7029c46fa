using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SecOps.Findings;

namespace SecOps.Delivery.Attest;

/// <summary>
/// The digest of what the gate's configuration means, not of how the file writes it: comments, order and spelled-out
/// defaults do not change it; a threshold, a required scanner or the treatment of old findings does. Waivers are no part
/// of it (they come and go one by one and are in the findings that were judged).
/// </summary>
public static class PolicyDigest
{
    /// <returns><c>sha256:</c> and 64 hexadecimal digits.</returns>
    public static string Of(GatePolicy policy)
    {
        var text = new StringBuilder("secops gate policy 1\n");
        text.Append("failOn=").Append(Words.Of(policy.FailOn)).Append('\n');
        foreach (var (category, severity) in policy.Categories.OrderBy(c => Words.Of(c.Key), StringComparer.Ordinal))
        {
            text.Append("categories.").Append(Words.Of(category)).Append('=').Append(Words.Of(severity)).Append('\n');
        }

        text.Append("newOnly=").Append(policy.NewOnly ? "true" : "false").Append('\n');
        foreach (var name in policy.Require.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            text.Append("require=").Append(name).Append('\n');
        }

        if (policy.QualityGate)
        {
            // Named only where it is set: digests of before it existed stay.
            text.Append("qualityGate=true\n");
        }

        text.Append("maxDatabaseAge=").Append(policy.MaxDatabaseAge?.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) ?? "any").Append('\n');
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
