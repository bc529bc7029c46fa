namespace SecOps.Aws.Ecs;

// Members under their official names; see https://docs.aws.amazon.com/AmazonECS/latest/APIReference. What an answer leaves out is null, a list empty.

public sealed class ListServiceDeploymentsRequest
{
    public string? Service { get; set; }

    public string? Cluster { get; set; }

    public List<string> Status { get; set; } = [];

    public string? NextToken { get; set; }

    public int? MaxResults { get; set; }
}

public sealed class ListServiceDeploymentsResponse
{
    public List<ServiceDeploymentBrief> ServiceDeployments { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class ServiceDeploymentBrief
{
    public string? ServiceDeploymentArn { get; set; }

    public string? TargetServiceRevisionArn { get; set; }

    public string? Status { get; set; }

    public string? StatusReason { get; set; }

    public DateTimeOffset? CreatedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }
}

public sealed class DescribeServiceDeploymentsRequest
{
    public List<string> ServiceDeploymentArns { get; set; } = [];
}

public sealed class DescribeServiceDeploymentsResponse
{
    public List<ServiceDeployment> ServiceDeployments { get; set; } = [];

    public List<Failure> Failures { get; set; } = [];
}

public sealed class ServiceDeployment
{
    public string? ServiceDeploymentArn { get; set; }

    public string? Status { get; set; }

    public string? StatusReason { get; set; }

    public string? LifecycleStage { get; set; }

    public DateTimeOffset? CreatedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public List<ServiceRevisionSummary> SourceServiceRevisions { get; set; } = [];

    public ServiceRevisionSummary? TargetServiceRevision { get; set; }

    public Rollback? Rollback { get; set; }

    public ServiceDeploymentCircuitBreaker? DeploymentCircuitBreaker { get; set; }

    public ServiceDeploymentAlarms? Alarms { get; set; }
}

public sealed class ServiceDeploymentAlarms
{
    public List<string> TriggeredAlarmNames { get; set; } = [];
}

public sealed class ServiceRevisionSummary
{
    public string? Arn { get; set; }

    public int? RequestedTaskCount { get; set; }

    public int? RunningTaskCount { get; set; }

    public int? PendingTaskCount { get; set; }

    public double? RequestedProductionTrafficWeight { get; set; }
}

public sealed class Rollback
{
    public string? Reason { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public string? ServiceRevisionArn { get; set; }
}

public sealed class ServiceDeploymentCircuitBreaker
{
    public string? Status { get; set; }

    public int? FailureCount { get; set; }

    public int? Threshold { get; set; }
}

public sealed class DescribeServiceRevisionsRequest
{
    public List<string> ServiceRevisionArns { get; set; } = [];
}

public sealed class DescribeServiceRevisionsResponse
{
    public List<ServiceRevision> ServiceRevisions { get; set; } = [];

    public List<Failure> Failures { get; set; } = [];
}

public sealed class ServiceRevision
{
    public string? ServiceRevisionArn { get; set; }

    public string? TaskDefinition { get; set; }

    public List<ContainerImage> ContainerImages { get; set; } = [];
}

public sealed class ContainerImage
{
    public string? ContainerName { get; set; }

    public string? ImageDigest { get; set; }

    public string? Image { get; set; }
}

public sealed class StopServiceDeploymentRequest
{
    public string? ServiceDeploymentArn { get; set; }

    public string? StopType { get; set; }
}

public sealed class StopServiceDeploymentResponse
{
    public string? ServiceDeploymentArn { get; set; }
}
