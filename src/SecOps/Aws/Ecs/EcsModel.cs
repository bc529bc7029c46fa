using System.Text.Json.Nodes;

namespace SecOps.Aws.Ecs;

// Members under their official names; see https://docs.aws.amazon.com/AmazonECS/latest/APIReference. What an answer leaves out is null, a list empty.

public sealed class DescribeClustersRequest
{
    public List<string> Clusters { get; set; } = [];
}

public sealed class DescribeClustersResponse
{
    public List<Cluster> Clusters { get; set; } = [];

    public List<Failure> Failures { get; set; } = [];
}

public sealed class Cluster
{
    public string? ClusterArn { get; set; }

    public string? ClusterName { get; set; }

    public string? Status { get; set; }
}

public sealed class Failure
{
    public string? Arn { get; set; }

    public string? Reason { get; set; }

    public string? Detail { get; set; }
}

public sealed class Tag
{
    public string? Key { get; set; }

    public string? Value { get; set; }
}

public sealed class DescribeServicesRequest
{
    public string? Cluster { get; set; }

    public List<string> Services { get; set; } = [];

    public List<string> Include { get; set; } = [];
}

public sealed class DescribeServicesResponse
{
    public List<Service> Services { get; set; } = [];

    public List<Failure> Failures { get; set; } = [];
}

public sealed class Service
{
    public string? ServiceArn { get; set; }

    public string? ServiceName { get; set; }

    public string? ClusterArn { get; set; }

    public string? Status { get; set; }

    public int? DesiredCount { get; set; }

    public int? RunningCount { get; set; }

    public int? PendingCount { get; set; }

    public string? LaunchType { get; set; }

    public string? TaskDefinition { get; set; }

    public List<LoadBalancer> LoadBalancers { get; set; } = [];

    public List<Deployment> Deployments { get; set; } = [];

    public List<ServiceEvent> Events { get; set; } = [];

    public DeploymentConfiguration? DeploymentConfiguration { get; set; }

    public DeploymentController? DeploymentController { get; set; }

    public NetworkConfiguration? NetworkConfiguration { get; set; }

    public int? HealthCheckGracePeriodSeconds { get; set; }

    public string? CurrentServiceDeployment { get; set; }

    public List<Tag> Tags { get; set; } = [];
}

public sealed class LoadBalancer
{
    public string? TargetGroupArn { get; set; }

    public string? LoadBalancerName { get; set; }

    public string? ContainerName { get; set; }

    public int? ContainerPort { get; set; }
}

public sealed class Deployment
{
    public string? Id { get; set; }

    public string? Status { get; set; }

    public string? TaskDefinition { get; set; }

    public int? DesiredCount { get; set; }

    public int? PendingCount { get; set; }

    public int? RunningCount { get; set; }

    public int? FailedTasks { get; set; }

    public DateTimeOffset? CreatedAt { get; set; }

    public DateTimeOffset? UpdatedAt { get; set; }

    public string? RolloutState { get; set; }

    public string? RolloutStateReason { get; set; }
}

public sealed class ServiceEvent
{
    public string? Id { get; set; }

    public DateTimeOffset? CreatedAt { get; set; }

    public string? Message { get; set; }
}

public sealed class DeploymentConfiguration
{
    public DeploymentCircuitBreaker? DeploymentCircuitBreaker { get; set; }

    public DeploymentAlarms? Alarms { get; set; }

    public int? MaximumPercent { get; set; }

    public int? MinimumHealthyPercent { get; set; }

    public string? Strategy { get; set; }

    public int? BakeTimeInMinutes { get; set; }
}

public sealed class DeploymentCircuitBreaker
{
    public bool? Enable { get; set; }

    public bool? Rollback { get; set; }
}

public sealed class DeploymentAlarms
{
    public bool? Enable { get; set; }

    public bool? Rollback { get; set; }
}

public sealed class DeploymentController
{
    public string? Type { get; set; }
}

public sealed class NetworkConfiguration
{
    public AwsVpcConfiguration? AwsvpcConfiguration { get; set; }
}

public sealed class AwsVpcConfiguration
{
    public List<string> Subnets { get; set; } = [];

    public List<string> SecurityGroups { get; set; } = [];

    public string? AssignPublicIp { get; set; }
}

public sealed class UpdateServiceRequest
{
    public string? Cluster { get; set; }

    public string? Service { get; set; }

    public string? TaskDefinition { get; set; }

    public int? DesiredCount { get; set; }

    public bool? ForceNewDeployment { get; set; }

    public DeploymentConfiguration? DeploymentConfiguration { get; set; }
}

public sealed class UpdateServiceResponse
{
    public Service? Service { get; set; }
}

public sealed class DescribeTaskDefinitionRequest
{
    public string? TaskDefinition { get; set; }

    public List<string> Include { get; set; } = [];
}

public sealed class DescribeTaskDefinitionResponse
{
    public JsonObject? TaskDefinition { get; set; }

    public List<Tag> Tags { get; set; } = [];
}

public sealed class RegisterTaskDefinitionResponse
{
    public JsonObject? TaskDefinition { get; set; }

    public List<Tag> Tags { get; set; } = [];
}

public sealed class ListTasksRequest
{
    public string? Cluster { get; set; }

    public string? ServiceName { get; set; }

    public string? DesiredStatus { get; set; }

    public string? NextToken { get; set; }

    public int? MaxResults { get; set; }
}

public sealed class ListTasksResponse
{
    public List<string> TaskArns { get; set; } = [];

    public string? NextToken { get; set; }
}

public sealed class DescribeTasksRequest
{
    public string? Cluster { get; set; }

    public List<string> Tasks { get; set; } = [];
}

public sealed class DescribeTasksResponse
{
    public List<EcsTask> Tasks { get; set; } = [];

    public List<Failure> Failures { get; set; } = [];
}

/// <summary>Officially Task; renamed beside System.Threading.Tasks.</summary>
public sealed class EcsTask
{
    public string? TaskArn { get; set; }

    public string? TaskDefinitionArn { get; set; }

    public string? StartedBy { get; set; }

    public string? LastStatus { get; set; }

    public string? DesiredStatus { get; set; }

    public string? HealthStatus { get; set; }

    public string? StopCode { get; set; }

    public string? StoppedReason { get; set; }

    public DateTimeOffset? CreatedAt { get; set; }

    public DateTimeOffset? StoppedAt { get; set; }

    public List<Container> Containers { get; set; } = [];
}

public sealed class Container
{
    public string? Name { get; set; }

    public string? Image { get; set; }

    public string? ImageDigest { get; set; }

    public string? RuntimeId { get; set; }

    public string? LastStatus { get; set; }

    public int? ExitCode { get; set; }

    public string? Reason { get; set; }

    public string? HealthStatus { get; set; }
}

public sealed class TagResourceRequest
{
    public string? ResourceArn { get; set; }

    public List<Tag> Tags { get; set; } = [];
}

public sealed class TagResourceResponse;

public sealed class UntagResourceRequest
{
    public string? ResourceArn { get; set; }

    public List<string> TagKeys { get; set; } = [];
}

public sealed class UntagResourceResponse;

public sealed class ListTagsForResourceRequest
{
    public string? ResourceArn { get; set; }
}

public sealed class ListTagsForResourceResponse
{
    public List<Tag> Tags { get; set; } = [];
}
