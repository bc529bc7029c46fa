using SecOps.Aws;

namespace SecOps.Delivery.Protect;

/// <summary>Turns WAF, GuardDuty and Inspector on. Idempotent: what is so already is left alone, and said.</summary>
public sealed class ProtectOperation(AwsClients aws, ProtectRequest request, TimeProvider clock)
{
    private readonly List<ProtectResult> results = [];

    public async Task<IReadOnlyList<ProtectResult>> RunAsync(CancellationToken cancellation)
    {
        if (request.LoadBalancer is { } balancer)
        {
            var acl = new ProtectWebAcl(aws, request, clock, Add);
            await PartAsync("waf", balancer, async () =>
            {
                if (await acl.EnsureAsync(cancellation) is { } arn)
                {
                    await PartAsync("waf-association", balancer, () => acl.AssociateAsync(arn, balancer, cancellation));
                }
            });
        }

        if (request.GuardDuty)
        {
            await PartAsync("guardduty", aws.Region, () => GuardDutyAsync(cancellation));
        }

        if (request.Inspector)
        {
            await PartAsync("inspector", aws.Region, () => InspectorAsync(cancellation));
        }

        return results;
    }

    private async Task PartAsync(string part, string resource, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (AwsException e) when (!e.IsCredentials)
        {
            // The other parts are worth having all the same.
            results.Add(new ProtectResult(part, ProtectOutcome.Refused, resource, e.Message));
        }
    }

    private async Task GuardDutyAsync(CancellationToken cancellation)
    {
        var id = (await aws.GuardDuty.ListDetectorsAsync(new(), cancellation)).DetectorIds.FirstOrDefault();
        if (id is not null && (await aws.GuardDuty.GetDetectorAsync(new() { DetectorId = id }, cancellation)).Status == "ENABLED")
        {
            Add("guardduty", ProtectOutcome.Already, id, "GuardDuty is on already.");
        }
        else if (request.DryRun)
        {
            Add("guardduty", ProtectOutcome.WouldChange, id ?? aws.Region, $"GuardDuty would be turned on in {aws.Region}.");
        }
        else
        {
            if (id is null)
            {
                id = (await aws.GuardDuty.CreateDetectorAsync(new() { Enable = true, ClientToken = Guid.NewGuid().ToString() }, cancellation)).DetectorId;
            }
            else
            {
                await aws.GuardDuty.UpdateDetectorAsync(new() { DetectorId = id, Enable = true }, cancellation);
            }

            Add("guardduty", ProtectOutcome.Changed, id ?? aws.Region, $"GuardDuty was turned on in {aws.Region}.");
        }
    }

    private async Task InspectorAsync(CancellationToken cancellation)
    {
        var account = await aws.AccountAsync(cancellation);
        var state = (await aws.Inspector2.BatchGetAccountStatusAsync(new() { AccountIds = [account] }, cancellation)).Accounts.FirstOrDefault();
        if (state?.ResourceState?.Ecr?.Status is "ENABLED" or "ENABLING")
        {
            Add("inspector", ProtectOutcome.Already, account, "Inspector scans the images in ECR already.");
        }
        else if (request.DryRun)
        {
            Add("inspector", ProtectOutcome.WouldChange, account, $"Inspector's scan of ECR would be turned on in {aws.Region}.");
        }
        else
        {
            var answer = await aws.Inspector2.EnableAsync(new() { AccountIds = [account], ResourceTypes = ["ECR"], ClientToken = Guid.NewGuid().ToString() }, cancellation);
            if (answer.FailedAccounts.FirstOrDefault() is { } failed)
            {
                Add("inspector", ProtectOutcome.Refused, account, $"inspector2:Enable was refused: {failed.ErrorCode}: {failed.ErrorMessage}");
            }
            else
            {
                Add("inspector", ProtectOutcome.Changed, account, $"Inspector's scan of ECR was turned on in {aws.Region}.");
            }
        }
    }

    private void Add(string part, ProtectOutcome outcome, string resource, string message) => results.Add(new ProtectResult(part, outcome, resource, message));
}
