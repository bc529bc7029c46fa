using System.Security.Cryptography;
using System.Text;

namespace SecOps.Scanners;

/// <summary>
/// Results of earlier scans by file, below <c>.secops/cache</c>. A key is made of everything that a result depends on; safe to
/// delete at any time; what was damaged is a miss.
/// </summary>
/// <param name="folder">Need not exist.</param>
/// <param name="salt">Scanner, version and configuration.</param>
internal sealed class ResultCache(string folder, string salt)
{
    /// <summary>Changes when the content of entries does.</summary>
    private const string Format = "1";

    /// <param name="file">Relative to the root: results name it.</param>
    public string KeyOf(string root, string file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Format}\0{salt}\0{file}\0"));
        hash.AppendData(File.ReadAllBytes(Path.Combine(root, file)));
        return Convert.ToHexStringLower(hash.GetHashAndReset()[..20]);
    }

    /// <returns>Null when there is none, or none that is whole.</returns>
    public string? Get(string key)
    {
        try
        {
            var bytes = File.ReadAllBytes(FileOf(key));
            return bytes.Length >= 32 && SHA256.HashData(bytes.AsSpan(32)).AsSpan().SequenceEqual(bytes.AsSpan(0, 32)) ? Encoding.UTF8.GetString(bytes.AsSpan(32)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Put(string key, string value)
    {
        try
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            var file = FileOf(key);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            // No care for a killed run: a part of an entry is a miss.
            File.WriteAllBytes(file, [.. SHA256.HashData(bytes), .. bytes]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without a cache it is slower, not wrong.
        }
    }

    private string FileOf(string key) => Path.Combine(folder, key[..2], key[2..]);
}
