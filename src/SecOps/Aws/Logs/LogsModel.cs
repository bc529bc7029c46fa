namespace SecOps.Aws.Logs;

// Members under their official names; see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference. What an answer leaves out is null, a list empty.

public sealed class DescribeLogGroupsRequest
{
    public string? LogGroupNamePrefix { get; set; }

    public int? Limit { get; set; }
}

public sealed class DescribeLogGroupsResponse
{
    public List<LogGroup> LogGroups { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class LogGroup
{
    public string? LogGroupName { get; set; }

    public string? Arn { get; set; }
}

public sealed class GetLogEventsRequest
{
    public string? LogGroupName { get; set; }

    public string? LogStreamName { get; set; }

    public int? Limit { get; set; }

    public bool? StartFromHead { get; set; }
}

public sealed class GetLogEventsResponse
{
    public List<OutputLogEvent> Events { get; set; } = [];
}

public sealed class OutputLogEvent
{
    public long? Timestamp { get; set; }

    public string? Message { get; set; }
}
