namespace SecOps.Findings;

/// <summary>The parts of an image's name.</summary>
public static class ImageName
{
    /// <summary>A reference without tag and digest.</summary>
    public static string? Repository(string? reference) => reference?[..Repository(reference.AsSpan()).Length];

    /// <inheritdoc cref="Repository(string?)"/>
    public static ReadOnlySpan<char> Repository(ReadOnlySpan<char> reference)
    {
        var digest = reference.IndexOf('@');
        var name = digest < 0 ? reference : reference[..digest];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[..colon] : name;
    }
}
