namespace SecOps.Configuration;

/// <summary>One key of the configuration file, as the code that reads it describes it: the source of the editors' schema and of the reference.</summary>
/// <param name="Type">JSON schema type.</param>
/// <param name="Words">The values it may have; null when free.</param>
public sealed record ConfigurationKey(string Name, string Type, string Description, IReadOnlyList<string>? Words = null)
{
    /// <summary>Keys below, for a section or a list of mappings.</summary>
    public IReadOnlyList<ConfigurationKey> Children { get; init; } = [];

    /// <summary>For a mapping with free keys: the names it may have, or none for any.</summary>
    public IReadOnlyList<string>? FreeKeys { get; init; }
}
