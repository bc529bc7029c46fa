namespace SecOps.Findings;

/// <summary>Where it is. Holds what applies to the category; the rest is null.</summary>
public sealed record Location
{
    public static readonly Location None = new();

    /// <summary>Null for a vulnerability, of which there may be hundreds of thousands.</summary>
    private Spot? spot;

    public Location()
    {
    }

    /// <summary>For <c>with</c>: a copy has its own spot.</summary>
    private Location(Location other)
    {
        (Path, Package, Image, Resource) = (other.Path, other.Package, other.Image, other.Resource);
        spot = other.spot is { } its ? its with { } : null;
    }

    /// <summary>Relative to the repository root, with <c>/</c>.</summary>
    public string? Path { get; init; }

    public Package? Package { get; init; }

    public Image? Image { get; init; }

    /// <summary>ARN, or the resource's name in a configuration file.</summary>
    public string? Resource { get; init; }

    /// <summary>From 1.</summary>
    public int? StartLine { get => spot?.StartLine; init => Set(value is not null)?.StartLine = value; }

    public int? EndLine { get => spot?.EndLine; init => Set(value is not null)?.EndLine = value; }

    /// <summary>From 1, in UTF-16 units.</summary>
    public int? StartColumn { get => spot?.StartColumn; init => Set(value is not null)?.StartColumn = value; }

    /// <summary>The flagged code itself, without its surroundings: the identity of a code finding is made of it.</summary>
    public string? Snippet { get => spot?.Snippet; init => Set(value is not null)?.Snippet = value; }

    public string? Url { get => spot?.Url; init => Set(value is not null)?.Url = value; }

    public string? Method { get => spot?.Method; init => Set(value is not null)?.Method = value; }

    public string? Parameter { get => spot?.Parameter; init => Set(value is not null)?.Parameter = value; }

    /// <summary>The spot to be set; null when there is none and nothing to set.</summary>
    private Spot? Set(bool something) => something ? spot ??= new Spot() : spot;

    /// <summary>The place within a file or a site.</summary>
    private sealed record Spot
    {
        public int? StartLine { get; set; }

        public int? EndLine { get; set; }

        public int? StartColumn { get; set; }

        public string? Snippet { get; set; }

        public string? Url { get; set; }

        public string? Method { get; set; }

        public string? Parameter { get; set; }
    }
}
