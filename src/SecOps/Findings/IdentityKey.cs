using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SecOps.Findings;

/// <summary>
/// What an id is made of, for each category. Nothing that changes while the weakness stays is in a key: no line number, severity,
/// message, tool version, image tag, digest or commit. A change here changes ids: then <see cref="Prefix"/> changes too.
/// </summary>
internal static class IdentityKey
{
    public const string Prefix = "f1-";

    [ThreadStatic]
    private static KeyBytes? shared;

    /// <summary>Several places may have the same key; they are told apart by an ordinal.</summary>
    public static bool HasOrdinal(Category category) => category is Category.Code or Category.Secret or Category.Config;

    /// <summary>The id of the finding as the <paramref name="ordinal"/>th of its key (from 0; categories without ordinals have one each).</summary>
    public static string IdOf(Finding f, int ordinal)
    {
        var key = shared ??= new KeyBytes();
        key.Clear();
        var l = f.Location;
        key.Add(Words.Of(f.Category));
        switch (f.Category)
        {
            case Category.Code:
                key.Add(f.Scanners[0].Name).Add(f.Rule.Id).Add(l.Path).AddFolded(l.Snippet);
                break;
            case Category.Secret:
                key.Add(f.Rule.Id).Add(l.Path).AddFolded(l.Snippet);
                break;
            case Category.Config:
                key.Add(TrivyRule.Canonical(f.Rule.Id)).Add(l.Path).Add(l.Resource);
                break;
            case Category.Web:
                key.Add(f.Rule.Id).Add(l.Method?.ToUpperInvariant()).Add(WebPath.Template(l.Url)).Add(l.Parameter);
                break;
            default:
                key.Add(f.Rule.Id).Add(WithoutDigest(l.Resource));
                break;
        }

        if (HasOrdinal(f.Category))
        {
            key.Add(ordinal.ToString(CultureInfo.InvariantCulture));
        }

        return key.Id();
    }

    /// <summary>
    /// The id of a vulnerability by one of its advisory's names, within its package (without version) of its manifest or image
    /// repository. There an advisory has one finding.
    /// </summary>
    public static string IdOf(string advisory, Finding f)
    {
        var key = shared ??= new KeyBytes();
        key.Clear();
        var l = f.Location;
        var place = (l.Package?.Manifest ?? l.Path) is { } file ? file.AsSpan() : ImageName.Repository((l.Image?.Reference).AsSpan());
        return key.Add(Words.Of(Category.Dependency)).Add(advisory).Add(PackageKey(l.Package)).Add(place).Id();
    }

    /// <summary>What the finding is apart from its file: equal for a finding and the same one in a renamed file. Null when there is nothing to tell it by.</summary>
    public static string? Content(Finding f)
    {
        var key = shared ??= new KeyBytes();
        key.Clear();
        var l = f.Location;
        key.Add(Words.Of(f.Category));
        switch (f.Category)
        {
            case Category.Code when !string.IsNullOrWhiteSpace(l.Snippet):
                key.Add(f.Scanners[0].Name).Add(f.Rule.Id).AddFolded(l.Snippet);
                break;
            case Category.Secret when !string.IsNullOrWhiteSpace(l.Snippet):
                key.Add(f.Rule.Id).AddFolded(l.Snippet);
                break;
            case Category.Config when !string.IsNullOrEmpty(l.Resource):
                key.Add(TrivyRule.Canonical(f.Rule.Id)).Add(l.Resource);
                break;
            case Category.Dependency when l.Package is not null:
                key.Add(f.Rule.Id).Add(PackageKey(l.Package));
                break;
            default:
                return null;
        }

        return key.Id();
    }

    /// <summary>White space is no content: reformatting changes no id.</summary>
    public static string Fold(string? code) => code is null ? "" : string.Concat(code.Where(c => !char.IsWhiteSpace(c)));

    /// <summary>The package URL without version, qualifiers and subpath, in the spelling its type prescribes; the bare name where there is no URL.</summary>
    internal static ReadOnlySpan<char> PackageKey(Package? package)
    {
        var path = (package?.Purl ?? package?.Name).AsSpan();
        var end = path.IndexOfAny('?', '#');
        path = end < 0 ? path : path[..end];
        var at = path.LastIndexOf('@');
        path = at > path.LastIndexOf('/') && at > 0 ? path[..at] : path;
        path = path.Contains('%') ? Uri.UnescapeDataString(path) : path;
        // https://github.com/package-url/purl-spec: PyPI takes . _ and - as one, and no notice of case.
        return path.StartsWith("pkg:pypi/", StringComparison.OrdinalIgnoreCase) ? path.ToString().ToLowerInvariant().Replace('_', '-').Replace('.', '-') : path;
    }

    /// <summary>An ECR image's ARN ends in its digest, which every build changes.</summary>
    private static string? WithoutDigest(string? resource)
    {
        var digest = resource?.IndexOf("/sha256:", StringComparison.Ordinal) ?? -1;
        return digest < 0 ? resource : resource![..digest];
    }

    /// <summary>The key's parts as UTF-8, a zero after each.</summary>
    private sealed class KeyBytes
    {
        /// <summary>One a thread: of hundreds of thousands of keys, making one for each takes longer than hashing.</summary>
        private readonly IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private byte[] bytes = new byte[512];
        private char[] folded = new char[256];
        private int length;

        public void Clear() => length = 0;

        public KeyBytes Add(ReadOnlySpan<char> part)
        {
            var most = Encoding.UTF8.GetMaxByteCount(part.Length) + 1;
            if (bytes.Length - length < most)
            {
                Array.Resize(ref bytes, Math.Max(bytes.Length * 2, length + most));
            }

            length += Encoding.UTF8.GetBytes(part, bytes.AsSpan(length));
            bytes[length++] = 0;
            return this;
        }

        public KeyBytes AddFolded(string? part)
        {
            if (part is null)
            {
                return Add(default);
            }

            if (folded.Length < part.Length)
            {
                folded = new char[part.Length];
            }

            var kept = 0;
            foreach (var c in part)
            {
                if (!char.IsWhiteSpace(c))
                {
                    folded[kept++] = c;
                }
            }

            return Add(folded.AsSpan(0, kept));
        }

        public string Id()
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            sha.AppendData(bytes, 0, length);
            sha.GetHashAndReset(hash);
            Span<char> id = stackalloc char[Prefix.Length + 20];
            Prefix.CopyTo(id);
            Convert.TryToHexStringLower(hash[..10], id[Prefix.Length..], out _);
            return new string(id);
        }
    }
}
