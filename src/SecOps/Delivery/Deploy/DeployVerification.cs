using SecOps.Aws;
using SecOps.Aws.Ecr;
using SecOps.Delivery.Attest;
using SecOps.Delivery.Build;
using SecOps.Delivery.Diagnose;
using SecOps.Delivery.Protect;
using SecOps.Delivery.Push;
using static SecOps.Delivery.Diagnose.DiagnoseCheck;

namespace SecOps.Delivery.Deploy;

/// <summary>Looks at everything a deploy relies on, before anything changes. Reads only.</summary>
/// <param name="attestation">What is attached to the image; null when none is required.</param>
/// <param name="platforms">What the image runs on; null: its registry does not say.</param>
public sealed class DeployVerification(AwsClients aws, AttestationCheck? attestation, ImagePlatforms? platforms)
{
    /// <summary>Statuses of a scan that has ended; see ImageScanStatus in the ECR API.</summary>
    private static readonly string[] Final = ["COMPLETE", "ACTIVE"];

    /// <summary>Every check; the attestation's first.</summary>
    public async Task<IReadOnlyList<DiagnoseCheck>> RunAsync(DeployPlan plan, EcrImage image, CancellationToken cancellation)
    {
        var checks = new List<DiagnoseCheck>();
        if (attestation is not null)
        {
            // A verdict that is there and says FAILED is the gate's answer; anything else means that there is no answer.
            var id = attestation.Status == AttestationStatus.Failed ? "image.gate" : "image.attestation";
            checks.Add(attestation.IsGood ? Ok(id, image.Pinned, attestation.Message) : Failed(id, image.Pinned, attestation.Message, "Scan and push the image again, or set deploy.requireAttestation to false."));
        }

        checks.Add(platforms?.Check(plan.Wanted, image.Pinned) ?? Unknown("image.architecture", image.Pinned, "the registry does not say for which architecture the image was built."));
        var reader = new DiagnoseReader(aws, cancellation);
        if (image.IsEcr)
        {
            checks.AddRange(await ScanAsync(image, cancellation));
        }

        var wanted = plan.Wanted;
        checks.AddRange(await new DiagnoseStart(aws, reader, cancellation).CheckAsync(wanted));
        var facts = await reader.ReadAsync(plan.Service, wanted, AddressRange.Everywhere);
        // Who may reach the load balancer is no matter of the deploy; whether tasks start and get requests is.
        checks.AddRange(facts.Targets.SelectMany(t => DiagnoseTarget.Check(facts, t))
            // Neither are the targets of today: ECS registers the new tasks with their own port.
            .Where(c => c.Id != "target.health" && !(c.Id == "target.port" && c.Resource.Contains(":targetgroup/", StringComparison.Ordinal))));
        checks.AddRange(DiagnoseTask.Check(facts));
        checks.AddRange(reader.Unknown);
        return [.. checks.Distinct()];
    }

    /// <summary>A critical finding that the registry or Inspector knows refuses the image; a scan that has not ended says nothing.</summary>
    private async Task<IReadOnlyList<DiagnoseCheck>> ScanAsync(EcrImage image, CancellationToken cancellation)
    {
        try
        {
            var request = new DescribeImageScanFindingsRequest { RegistryId = image.Account, RepositoryName = image.Repository, ImageId = new() { ImageDigest = image.Digest } };
            var found = await aws.Ecr.DescribeImageScanFindingsAsync(request, cancellation);
            var status = found.ImageScanStatus?.Status ?? "unknown";
            if (!Final.Contains(status))
            {
                return [Unknown("image.findings", image.Pinned, $"the registry's scan of the image is {status}, so it says nothing about it yet.")];
            }

            var critical = TaskDefinitionView.Number((found.ImageScanFindings?["findingSeverityCounts"] as System.Text.Json.Nodes.JsonObject)?["CRITICAL"]) ?? 0;
            return [critical == 0
                ? Ok("image.findings", image.Pinned, "the registry knows of no critical finding.")
                : Failed("image.findings", image.Pinned, $"the registry knows of {critical} critical findings in the image.", "See them with \"secops scan --aws\", mend them, and push a new image.")];
        }
        catch (AwsException e) when (e.Is("ScanNotFound"))
        {
            return [Unknown("image.findings", image.Pinned, "the registry has not scanned the image.")];
        }
        catch (AwsException e) when (e.Is("ImageNotFound", "RepositoryNotFound"))
        {
            // The check task.image says so.
            return [];
        }
        catch (AwsException e) when (!e.IsCredentials)
        {
            return [Unknown("image.findings", image.Pinned, e.Message)];
        }
    }
}
