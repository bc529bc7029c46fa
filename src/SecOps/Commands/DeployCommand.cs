using System.CommandLine;

namespace SecOps.Commands;

/// <summary><c>secops deploy</c>: verify, show the difference, apply, watch, prove, roll back.</summary>
internal static class DeployCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var cluster = Text("--cluster", "CLUSTER", "The ECS cluster. Default: deploy.cluster.");
        var service = Text("--service", "SERVICE", "The ECS service. Default: deploy.service.");
        var image = Text("--image", "REF@sha256:…", "The image, by digest. Default: what \"secops push\" has pushed.");
        var region = Text("--region", "REGION", "The AWS region. Default: deploy.region, AWS_REGION, the profile's.");
        var container = Text("--container", "NAME", "The container that gets the image.");
        var definition = Text("--task-definition", "FILE", "A task definition (JSON) instead of the running one.");
        var timeout = Text("--timeout", "TIME", "How long the rollout may take before it is rolled back. Default: 30m.");
        var diff = Flag("--diff", "Show the difference and stop.");
        var verify = Flag("--verify-only", "Verify and stop.");
        var dryRun = Flag("--dry-run", "Verify, show the difference, change nothing.");
        var rollback = Flag("--rollback", "Go back to the last deployment that completed and whose image is attested.");
        var noWait = Flag("--no-wait", "Do not watch the rollout.");
        var ecs = new Command("ecs", "Deploy an image to an ECS service.\n\nExample: secops deploy ecs --cluster main --service shop --image 123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop@sha256:…")
        {
            cluster, service, image, region, container, definition, timeout, diff, verify, dryRun, rollback, noWait,
        };
        DeployEcsOptions Ecs(ParseResult parsed) => new()
        {
            Cluster = parsed.GetValue(cluster),
            Service = parsed.GetValue(service),
            Image = parsed.GetValue(image),
            Region = parsed.GetValue(region),
            Container = parsed.GetValue(container),
            TaskDefinition = parsed.GetValue(definition),
            Timeout = CommandValues.Duration("--timeout", parsed.GetValue(timeout)),
            Diff = parsed.GetValue(diff),
            VerifyOnly = parsed.GetValue(verify),
            DryRun = parsed.GetValue(dryRun),
            Rollback = parsed.GetValue(rollback),
            NoWait = parsed.GetValue(noWait),
        };
        ecs.SetAction(async (parsed, cancellation) =>
        {
            using var workspace = open(parsed);
            return await new DeployEcsOperation(workspace, Ecs(parsed)).RunAsync(cancellation);
        });
        var path = new Argument<string?>("directory") { Description = "The folder of the configuration. Default: deploy.terraform.directory.", HelpName = "DIR", Arity = ArgumentArity.ZeroOrOne };
        var destroy = Flag("--destroy", "Remove everything that the state holds; needs --allow-destroy.");
        var allow = Flag("--allow-destroy", "Let the plan destroy resources.");
        var terraform = new Command("terraform", "Make the backend, plan, gate the plan, apply exactly that plan.\n\nExample: secops deploy terraform --dry-run") { path, region, image, destroy, allow, dryRun };
        terraform.SetAction(async (parsed, cancellation) =>
        {
            using var workspace = open(parsed);
            return await new DeployTerraformOperation(workspace, new DeployTerraformOptions
            {
                Directory = parsed.GetValue(path),
                Region = parsed.GetValue(region),
                Image = parsed.GetValue(image),
                Destroy = parsed.GetValue(destroy),
                AllowDestroy = parsed.GetValue(allow),
                DryRun = parsed.GetValue(dryRun),
            }).RunAsync(cancellation);
        });
        var balancer = Text("--load-balancer", "ARN", "The load balancer to protect: ARN or name. Default: that of the ECS service.");
        var count = new Option<bool?>("--count") { Description = "Count what the rules would block instead of blocking it.", Arity = ArgumentArity.ZeroOrOne };
        var protect = new Command("protect", "Turn WAF, GuardDuty and Inspector on; what is on already stays as it is.\n\nExample: secops deploy protect --dry-run") { balancer, cluster, service, region, count, dryRun };
        protect.SetAction(async (parsed, cancellation) =>
        {
            using var workspace = open(parsed);
            bool? counting = parsed.GetResult(count) is null ? null : parsed.GetValue(count) ?? true;
            return await new DeployProtectOperation(workspace, parsed.GetValue(balancer), parsed.GetValue(cluster), parsed.GetValue(service), parsed.GetValue(region), counting, parsed.GetValue(dryRun)).RunAsync(cancellation);
        });
        var deploy = new Command("deploy", "Deploy what passed the gate, prove what runs, and roll back when it must. Without a word: what deploy.targets in secops.yml names.\n\nExample: secops deploy ecs --dry-run") { ecs, terraform, protect };
        deploy.SetAction(async (parsed, cancellation) =>
        {
            using var workspace = open(parsed);
            return await NamedAsync(workspace, cancellation);
        });
        return deploy;
    }

    /// <summary>The configuration's targets in their order; the first that fails ends it.</summary>
    private static async Task<int> NamedAsync(Workspace workspace, CancellationToken cancellation)
    {
        var targets = workspace.Configuration(workspace.Directory).Deploy.Targets;
        if (targets.Count == 0)
        {
            throw SecOpsException.Usage("say what to deploy: \"secops deploy ecs\", \"secops deploy terraform\" or \"secops deploy protect\"; or name it as deploy.targets in secops.yml.");
        }

        foreach (var target in targets)
        {
            workspace.Terminal.Say($"deploy {target}");
            var code = target switch
            {
                "ecs" => await new DeployEcsOperation(workspace, new DeployEcsOptions()).RunAsync(cancellation),
                "terraform" => await new DeployTerraformOperation(workspace, new DeployTerraformOptions()).RunAsync(cancellation),
                _ => await new DeployProtectOperation(workspace, null, null, null, null, null, dryRun: false).RunAsync(cancellation),
            };
            if (code != ExitCode.Clean)
            {
                return code;
            }
        }

        return ExitCode.Clean;
    }

    internal static Option<string?> Text(string name, string help, string description) => new(name) { Description = description, HelpName = help };

    internal static Option<bool> Flag(string name, string description) => new(name) { Description = description };
}
