using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SecOps.Scanners;

/// <summary>One of several machines that share a scan. Which one takes what depends on names alone, so every machine decides alike.</summary>
/// <param name="Index">From 1.</param>
public sealed record Shard(int Index, int Count)
{
    /// <summary>Reads <c>2/4</c>.</summary>
    /// <exception cref="SecOpsException">It is none (exit code 2).</exception>
    public static Shard Parse(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && index >= 1 && index <= count
            ? new Shard(index, count)
            : throw SecOpsException.Usage($"--shard {text}: write I/N, e.g. 1/4 for the first of four.");
    }

    /// <summary>Whether this one takes the file, or the scanner that looks at a target as a whole.</summary>
    public bool Takes(string name) => BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 4)) % (uint)Count == (uint)(Index - 1);
}
