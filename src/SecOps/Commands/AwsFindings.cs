using System.Text.Json.Nodes;
using SecOps.Aws;
using SecOps.Configuration;
using SecOps.Delivery.Deploy;
using SecOps.Delivery.Diagnose;
using SecOps.Delivery.Push;
using SecOps.Findings;
using SecOps.Scanners;

namespace SecOps.Commands;

/// <summary>
/// <c>secops scan --aws</c>: what Inspector, ECR and GuardDuty have found, saved as they answer and read by their report
/// readers. A service that is off, refuses, or has not finished a scan is incomplete, never clean.
/// </summary>
internal sealed class AwsFindings(Workspace workspace, SecOpsConfiguration configuration, ScanOptions options, string root, ScannerSettings settings)
{
    private const int MostPages = 2000;

    public async Task<IReadOnlyList<ScanOutcome>> ReadAsync(CancellationToken cancellation)
    {
        using var aws = new AwsClients(new AwsSettings { Region = AwsSettings.ResolveRegion(options.Region ?? configuration.Deploy.Region, workspace.Variable), Variable = workspace.Variable });
        var outcomes = new List<ScanOutcome>
        {
            await TryAsync("inspector", aws.Region, () => InspectorAsync(aws, cancellation)),
            await TryAsync("guardduty", aws.Region, () => GuardDutyAsync(aws, cancellation)),
        };
        var references = options.Image.Count > 0 ? options.Image : DeployEcsOperation.Pushed(workspace) is { } pushed ? [pushed] : [];
        foreach (var image in references.Select(EcrImage.Parse).Where(i => i.IsEcr))
        {
            outcomes.Add(await TryAsync("ecr", image.Digest is null ? $"{image.Name}:{image.Tag ?? "latest"}" : image.Pinned, () => EcrAsync(aws, image, cancellation)));
        }

        return outcomes;
    }

    private static async Task<ScanOutcome> TryAsync(string name, string target, Func<Task<ScanOutcome>> read)
    {
        try
        {
            var outcome = await read();
            return outcome with { Coverage = outcome.Coverage with { Target = target, Source = "aws" } };
        }
        catch (AwsException e) when (!e.IsCredentials)
        {
            return NotScanned(name, target, e.Message);
        }
        catch (AwsException e)
        {
            throw SecOpsException.Tool(e.Message, e);
        }
    }

    private static ScanOutcome NotScanned(string name, string target, string why) =>
        new(new Coverage { Scanner = name, Target = target, Status = CoverageStatus.Failed, Message = why, Required = true }, []);

    private async Task<ScanOutcome> InspectorAsync(AwsClients aws, CancellationToken cancellation)
    {
        var state = (await aws.Inspector2.BatchGetAccountStatusAsync(new() { AccountIds = [await aws.AccountAsync(cancellation)] }, cancellation)).Accounts.FirstOrDefault();
        if (state?.ResourceState?.Ecr?.Status != "ENABLED")
        {
            return NotScanned("inspector", aws.Region, $"Inspector's scan of ECR is {state?.ResourceState?.Ecr?.Status ?? "off"} in {aws.Region}. Turn it on with \"secops deploy protect\".");
        }

        var findings = await PagesAsync(async next => (await aws.Inspector2.ListFindingsAsync(new() { NextToken = next, MaxResults = 100 }, cancellation)) is var a ? (a.Findings, a.NextToken) : default);
        var outcome = Import("inspector", new JsonObject { ["findings"] = new JsonArray([.. findings]) });
        try
        {
            var covered = await PagesAsync(async next => (await aws.Inspector2.ListCoverageAsync(new() { NextToken = next, MaxResults = 200 }, cancellation)) is var a ? (a.CoveredResources, a.NextToken) : default);
            // ACTIVE is the only status that says that findings are current; see ScanStatus in the Inspector API.
            List<UnreadFile> unread = [.. covered.Where(c => c.ScanStatus?.StatusCode != "ACTIVE").Select(c => new UnreadFile(c.ResourceId ?? "", $"not scanned: {c.ScanStatus?.Reason ?? "no reason given"}"))];
            return outcome with { Coverage = outcome.Coverage with { Unread = [.. outcome.Coverage.Unread, .. unread] } };
        }
        catch (AwsException e) when (!e.IsCredentials)
        {
            return outcome with { Coverage = outcome.Coverage with { Message = $"what Inspector covers can't be read: {e.Message}", Unread = [.. outcome.Coverage.Unread, new UnreadFile("(coverage)", "inspector2:ListCoverage failed")] } };
        }
    }

    private async Task<ScanOutcome> GuardDutyAsync(AwsClients aws, CancellationToken cancellation)
    {
        if ((await aws.GuardDuty.ListDetectorsAsync(new(), cancellation)).DetectorIds.FirstOrDefault() is not { } detector
            || (await aws.GuardDuty.GetDetectorAsync(new() { DetectorId = detector }, cancellation)).Status != "ENABLED")
        {
            return NotScanned("guardduty", aws.Region, $"GuardDuty is off in {aws.Region}. Turn it on with \"secops deploy protect\".");
        }

        var criteria = new Aws.GuardDuty.FindingCriteria { Criterion = { ["service.archived"] = new() { Eq = ["false"] } } };
        var ids = await PagesAsync(async next => (await aws.GuardDuty.ListFindingsAsync(new() { DetectorId = detector, FindingCriteria = criteria, NextToken = next, MaxResults = 50 }, cancellation)) is var a ? (a.FindingIds, a.NextToken) : default);
        var findings = new JsonArray();
        foreach (var chunk in ids.Chunk(50))
        {
            foreach (var finding in (await aws.GuardDuty.GetFindingsAsync(new() { DetectorId = detector, FindingIds = [.. chunk] }, cancellation)).Findings)
            {
                findings.Add((JsonNode)finding);
            }
        }

        return Import("guardduty", new JsonObject { ["findings"] = findings });
    }

    private async Task<ScanOutcome> EcrAsync(AwsClients aws, EcrImage image, CancellationToken cancellation)
    {
        JsonObject? merged = null;
        string? next = null;
        for (var page = 0; page < MostPages; page++)
        {
            var answer = await aws.Ecr.DescribeImageScanFindingsAsync(new() { RegistryId = image.Account, RepositoryName = image.Repository, ImageId = DiagnoseStart.Id(image), NextToken = next, MaxResults = 1000 }, cancellation);
            var findings = answer.ImageScanFindings ?? [];
            if (merged is null)
            {
                merged = new JsonObject
                {
                    ["repositoryName"] = answer.RepositoryName ?? image.Repository,
                    ["imageId"] = new JsonObject { ["imageDigest"] = answer.ImageId?.ImageDigest ?? image.Digest, ["imageTag"] = answer.ImageId?.ImageTag },
                    ["imageScanStatus"] = new JsonObject { ["status"] = answer.ImageScanStatus?.Status ?? "UNKNOWN", ["description"] = answer.ImageScanStatus?.Description },
                    ["imageScanFindings"] = findings,
                };
            }
            else
            {
                foreach (var kind in new[] { "findings", "enhancedFindings" })
                {
                    foreach (var finding in TaskDefinitionView.Objects(findings[kind]).ToList())
                    {
                        ((merged["imageScanFindings"]![kind] ??= new JsonArray()) as JsonArray)!.Add(finding.DeepClone());
                    }
                }
            }

            if (string.IsNullOrEmpty(answer.NextToken) || answer.NextToken == next)
            {
                break;
            }

            next = answer.NextToken;
        }

        var outcome = Import("ecr", merged!);
        return outcome with { Findings = [.. outcome.Findings.Select(f => f with { Location = f.Location with { Image = Whole(f.Location.Image, image) } })] };
    }

    /// <summary>With the registry, which the answer leaves out: as other scanners name the image.</summary>
    private static Image? Whole(Image? found, EcrImage asked) =>
        found is not null && ImageName.Repository(found.Reference) == asked.Repository ? found with { Reference = $"{asked.Registry}/{found.Reference}" } : found;

    /// <summary>Keeps the answer in <c>raw/</c> and reads it as an imported report is read.</summary>
    private ScanOutcome Import(string name, JsonObject report)
    {
        var file = Path.Combine(workspace.Folder, "raw", $"aws-{name}-{Guid.NewGuid():N}.json");
        AtomicFile.WriteText(file, report.ToJsonString());
        return ScannerRun.Import(new ImportJob(ScannerList.Find(name)!, file), root, settings);
    }

    private static async Task<List<T>> PagesAsync<T>(Func<string?, Task<(List<T> Items, string? Next)>> page)
    {
        var all = new List<T>();
        string? next = null;
        for (var i = 0; i < MostPages; i++)
        {
            var (items, following) = await page(next);
            all.AddRange(items);
            if (string.IsNullOrEmpty(following) || following == next)
            {
                break;
            }

            next = following;
        }

        return all;
    }
}
