namespace SecOps.Configuration;

/// <summary>The <c>tools</c> section.</summary>
public sealed record ToolsSection
{
    public string? Mirror { get; init; }

    internal static ToolsSection Read(YamlMap map) => new()
    {
        Mirror = map.Text("mirror", "Where release archives of tools are had instead of their makers' sites: an address, or a folder. Their checksums hold all the same."),
    };
}
