using SecOps.Aws;
using SecOps.Aws.Ecr;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Permissions;
using SecOps.Delivery.Push;
using static SecOps.Delivery.Diagnose.DiagnoseCheck;

namespace SecOps.Delivery.Diagnose;

/// <summary>What a task needs before its program runs, network aside: roles, image, log group, secrets. Also part of a deploy's verification.</summary>
internal sealed class DiagnoseStart(AwsClients aws, DiagnoseReader reader, CancellationToken cancellation)
{
    private static readonly string[] PullActions = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"];

    public async Task<IReadOnlyList<DiagnoseCheck>> CheckAsync(TaskDefinitionView task)
    {
        var checks = new List<DiagnoseCheck>();
        checks.AddRange(await ExecutionRoleAsync(task));
        if (task.TaskRoleArn is { } taskRole)
        {
            checks.AddRange(await TrustAsync("task.task-role", taskRole));
        }

        foreach (var container in task.Containers)
        {
            checks.AddRange(await ImageAsync(container, task));
            checks.AddRange(await LogGroupAsync(container));
        }

        return checks;
    }

    private async Task<IReadOnlyList<DiagnoseCheck>> ExecutionRoleAsync(TaskDefinitionView task)
    {
        var images = task.Containers.Select(c => EcrImage.Parse(c.Image)).Where(i => i.IsEcr).ToList();
        var logs = task.Containers.Any(c => c.LogDriver == "awslogs");
        var secrets = task.Containers.SelectMany(c => c.Secrets).Select(s => s.Value).Distinct().ToList();
        if (task.ExecutionRoleArn is not { } arn)
        {
            var needs = secrets.Count > 0 ? "reads secrets" : images.Count > 0 ? "pulls from ECR" : logs ? "writes to CloudWatch Logs" : null;
            return needs is not null && (task.IsFargate || secrets.Count > 0)
                ? [Failed("task.execution-role", task.Arn, $"{task.Name} has no execution role, but {needs}: its tasks can't start.", "Name a role with the policy AmazonECSTaskExecutionRolePolicy as executionRoleArn.")]
                : [];
        }

        var checks = new List<DiagnoseCheck>(await TrustAsync("task.execution-role", arn));
        if (checks.Exists(c => c.Status != CheckStatus.Ok) || await PoliciesAsync(arn) is not { } policies)
        {
            return checks;
        }

        var wanted = images.SelectMany(i => PullActions.Select(a => (Action: a, Resource: $"arn:aws:ecr:{i.Region}:{i.Account}:repository/{i.Repository}", For: "pull the image")))
            .Concat(images.Count > 0 ? [(Action: "ecr:GetAuthorizationToken", Resource: "*", For: "pull the image")] : [])
            .Concat(task.Containers.Where(c => c.LogDriver == "awslogs").SelectMany(c => new[] { "logs:CreateLogStream", "logs:PutLogEvents" }
                .Select(a => (Action: a, Resource: $"arn:aws:logs:{c.LogOption("awslogs-region") ?? aws.Region}:{Account(arn)}:log-group:{c.LogOption("awslogs-group")}:log-stream:x", For: "write its log"))))
            .Concat(secrets.Select(s => SecretPermission(s, Account(arn))))
            .Distinct().ToList();
        var missing = wanted.Where(w => !policies.Allows(w.Action, w.Resource)).ToList();
        foreach (var group in missing.GroupBy(m => m.For))
        {
            var actions = string.Join(", ", group.Select(m => m.Action).Distinct());
            checks.Add(Failed("task.execution-role", arn, $"the execution role {Name(arn)} may not {group.Key}: it lacks {actions}.", $"Allow {actions} on {group.First().Resource} in {Name(arn)}{(group.Key == "pull the image" ? ", or attach AmazonECSTaskExecutionRolePolicy" : "")}."));
        }

        return checks;
    }

    private static (string Action, string Resource, string For) SecretPermission(string valueFrom, string account)
    {
        if (!valueFrom.StartsWith("arn:", StringComparison.Ordinal))
        {
            return ("ssm:GetParameters", $"arn:aws:ssm:*:{account}:parameter/{valueFrom.TrimStart('/')}", "read the parameter " + Terminal.Clean(valueFrom));
        }

        // arn:aws:secretsmanager:region:account:secret:name-suffix[:json-key:stage:version]
        var parts = valueFrom.Split(':');
        return parts is [_, _, "secretsmanager", ..]
            ? ("secretsmanager:GetSecretValue", string.Join(':', parts.Take(7)), "read the secret " + Terminal.Clean(parts.ElementAtOrDefault(6)))
            : ("ssm:GetParameters", valueFrom, "read the parameter " + Terminal.Clean(parts[^1]));
    }

    private async Task<IReadOnlyList<DiagnoseCheck>> TrustAsync(string id, string arn)
    {
        try
        {
            var role = (await aws.Iam.GetRoleAsync(new() { RoleName = Name(arn) }, cancellation)).Role;
            return RolePolicy.Trusts(role?.AssumeRolePolicyDocument, "ecs-tasks.amazonaws.com")
                ? [Ok(id, arn, $"ecs-tasks.amazonaws.com may assume {Name(arn)}.")]
                : [Failed(id, arn, $"the role {Name(arn)} does not let ecs-tasks.amazonaws.com assume it: tasks can't start.", "Allow sts:AssumeRole for the service ecs-tasks.amazonaws.com in the role's trust policy.")];
        }
        catch (AwsException e) when (e.Is("NoSuchEntity"))
        {
            return [Failed(id, arn, $"the role {Name(arn)} does not exist: tasks can't start.", "Make the role, or name another one in the task definition.")];
        }
        catch (AwsException e) when (!e.IsCredentials)
        {
            return [Unknown(id, arn, e.Message)];
        }
    }

    /// <summary>Null, and an unknown check, when they can't all be read: half of them would look like a missing permission.</summary>
    private async Task<RolePolicy?> PoliciesAsync(string arn) => await reader.TryAsync(arn, async () =>
    {
        var policies = new RolePolicy();
        var inline = await aws.Iam.ListRolePoliciesAsync(new() { RoleName = Name(arn) }, cancellation);
        foreach (var name in inline.PolicyNames)
        {
            policies.Add((await aws.Iam.GetRolePolicyAsync(new() { RoleName = Name(arn), PolicyName = name }, cancellation)).PolicyDocument);
        }

        var attached = await aws.Iam.ListAttachedRolePoliciesAsync(new() { RoleName = Name(arn) }, cancellation);
        foreach (var policy in attached.AttachedPolicies)
        {
            var version = (await aws.Iam.GetPolicyAsync(new() { PolicyArn = policy.PolicyArn }, cancellation)).Policy?.DefaultVersionId;
            policies.Add((await aws.Iam.GetPolicyVersionAsync(new() { PolicyArn = policy.PolicyArn, VersionId = version }, cancellation)).PolicyVersion?.Document);
        }

        return policies;
    });

    private async Task<IReadOnlyList<DiagnoseCheck>> ImageAsync(ContainerView container, TaskDefinitionView task)
    {
        var image = EcrImage.Parse(container.Image);
        if (!image.IsEcr)
        {
            return [];
        }

        if (image.Region != aws.Region)
        {
            return [Unknown("task.image", container.Image, $"the image {container.Image} is in {image.Region}; this run looks at {aws.Region} only.")];
        }

        try
        {
            var found = await aws.Ecr.DescribeImagesAsync(new() { RegistryId = image.Account, RepositoryName = image.Repository, ImageIds = [Id(image)] }, cancellation);
            return found.ImageDetails.Count > 0
                ? [Ok("task.image", container.Image, $"the image of {container.Name} exists.")]
                : [Missing(container)];
        }
        catch (AwsException e) when (e.Is("ImageNotFound"))
        {
            return [Missing(container)];
        }
        catch (AwsException e) when (e.Is("RepositoryNotFound"))
        {
            return [Failed("task.image", container.Image, $"the repository {image.Repository} of {container.Name} does not exist in {image.Account}, {image.Region}: tasks of {task.Name} can't pull it.", "Push the image to a repository of that name, or correct the image in the task definition.")];
        }
        catch (AwsException e) when (!e.IsCredentials)
        {
            return [Unknown("task.image", container.Image, e.Message)];
        }
    }

    internal static ImageIdentifier Id(EcrImage image) => image.Digest is not null ? new() { ImageDigest = image.Digest } : new() { ImageTag = image.Tag ?? "latest" };

    private static DiagnoseCheck Missing(ContainerView container) =>
        Failed("task.image", container.Image, $"the image {container.Image} of {container.Name} does not exist: tasks fail with CannotPullContainerError.", "Push it, or deploy an image that exists; untagged images may have been removed by a lifecycle policy.");

    private async Task<IReadOnlyList<DiagnoseCheck>> LogGroupAsync(ContainerView container)
    {
        if (container.LogDriver != "awslogs" || container.LogOption("awslogs-group") is not { } name || container.LogOption("awslogs-create-group") == "true" || (container.LogOption("awslogs-region") ?? aws.Region) != aws.Region)
        {
            return [];
        }

        var groups = await reader.TryAsync(name, () => aws.Logs.DescribeLogGroupsAsync(new() { LogGroupNamePrefix = name }, cancellation));
        return groups is null ? []
            : groups.LogGroups.Exists(g => g.LogGroupName == name) || groups.NextToken is not null ? [Ok("task.log-group", name, $"the log group {name} exists.")]
            : [Failed("task.log-group", name, $"the log group {name} of {container.Name} does not exist: tasks fail with ResourceInitializationError.", $"Make the log group {name}, or set awslogs-create-group to true and allow logs:CreateLogGroup.")];
    }

    private static string Name(string roleArn) => roleArn[(roleArn.LastIndexOf('/') + 1)..];

    private static string Account(string arn) => arn.Split(':').ElementAtOrDefault(4) ?? "*";
}
