namespace SecOps.Aws.BedrockRuntime;

// Members under their official names; see https://docs.aws.amazon.com/bedrock/latest/APIReference. What an answer leaves out is null, a list empty.

public sealed class ConverseRequest
{
    public string? ModelId { get; set; }

    public List<Message> Messages { get; set; } = [];

    public List<SystemContentBlock> System { get; set; } = [];

    public InferenceConfiguration? InferenceConfig { get; set; }

    public Dictionary<string, string> RequestMetadata { get; set; } = [];
}

public sealed class Message
{
    public string? Role { get; set; }

    public List<ContentBlock> Content { get; set; } = [];
}

/// <summary>One of the members is set; kinds that are not ours read as empty.</summary>
public sealed class ContentBlock
{
    public string? Text { get; set; }

    public CachePointBlock? CachePoint { get; set; }
}

public sealed class SystemContentBlock
{
    public string? Text { get; set; }

    public CachePointBlock? CachePoint { get; set; }
}

/// <summary>The part before it is cached; the type is "default".</summary>
public sealed class CachePointBlock
{
    public string? Type { get; set; }
}

public sealed class InferenceConfiguration
{
    public int? MaxTokens { get; set; }

    public List<string> StopSequences { get; set; } = [];
}

public sealed class ConverseResponse
{
    public ConverseOutput? Output { get; set; }

    public string? StopReason { get; set; }

    public TokenUsage? Usage { get; set; }

    public ConverseMetrics? Metrics { get; set; }
}

public sealed class ConverseOutput
{
    public Message? Message { get; set; }
}

public sealed class TokenUsage
{
    public int? InputTokens { get; set; }

    public int? OutputTokens { get; set; }

    public int? TotalTokens { get; set; }

    public int? CacheReadInputTokens { get; set; }

    public int? CacheWriteInputTokens { get; set; }
}

public sealed class ConverseMetrics
{
    public long? LatencyMs { get; set; }
}
