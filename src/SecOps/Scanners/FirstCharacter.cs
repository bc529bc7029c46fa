namespace SecOps.Scanners;

/// <summary>Tells JSON from XML by the first character that is no blank.</summary>
internal static class FirstCharacter
{
    /// <returns>A stream of the whole report, and the character; 0 when there is none.</returns>
    public static (Stream Report, char First) Of(Stream report)
    {
        var head = new byte[512];
        var length = report.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var at = head.AsSpan(0, length).IndexOfAnyExcept(" \t\r\n"u8);
        return (new PrefixedStream(head, 0, length, report), at < 0 ? '\0' : (char)head[at]);
    }
}
