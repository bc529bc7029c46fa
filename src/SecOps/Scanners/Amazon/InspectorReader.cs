using SecOps.Findings;

namespace SecOps.Scanners.Amazon;

/// <summary>Amazon Inspector (https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html): <c>aws inspector2 list-findings</c>.</summary>
public sealed class InspectorReader : IReportReader
{
    private static readonly AmazonReport Format = new("an answer of Inspector's list-findings", IsFinding, Take);

    /// <summary>Languages' package managers; those of systems need the distribution (<see cref="SystemPackage"/>).</summary>
    private static readonly Dictionary<string, string> PurlTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PYTHONPKG"] = "pypi", ["PIP"] = "pypi", ["PIPENV"] = "pypi", ["POETRY"] = "pypi", ["NODEPKG"] = "npm", ["NPM"] = "npm", ["YARN"] = "npm", ["PNPM"] = "npm",
        ["JAR"] = "maven", ["POM"] = "maven", ["GEMSPEC"] = "gem", ["BUNDLER"] = "gem", ["CARGO"] = "cargo", ["COMPOSER"] = "composer", ["GOMOD"] = "golang", ["GOBINARY"] = "golang",
        ["NUGET"] = "nuget", ["DOTNET_CORE"] = "nuget",
    };

    public string Name => "inspector";

    public void Read(Stream report, ReportSink sink) => Format.Read(report, sink);

    internal static bool IsFinding(ReportNode f) => f["findingArn"].Text is not null && f["type"].Text is not null;

    internal static void Take(ReportNode f, ReportSink sink)
    {
        var word = f["severity"].Text;
        sink.CountEntry(word);
        if (f["status"].Text is { } status && status != "ACTIVE")
        {
            return;
        }

        var details = f["packageVulnerabilityDetails"];
        var code = f["codeVulnerabilityDetails"];
        var resource = f["resources"][0];
        var image = ImageOf(resource);
        var package = PackageOf(details["vulnerablePackages"], resource["details"]["awsEcrContainerImage"]["platform"].Text);
        var id = details["vulnerabilityId"].Text ?? code["detectorId"].Text ?? f["type"].Text!;
        sink.Add(new Finding
        {
            Category = image is not null && package is not null ? Category.Dependency : code.IsObject ? Category.Code : Category.Cloud,
            Severity = AmazonReport.SeverityOf(word),
            Title = ReportSink.Shorten(f["title"].Text ?? id, 200)!,
            Message = ReportSink.Shorten(f["description"].Text),
            Rule = new Rule(
                id, code["detectorName"].Text, ReportSink.WebAddress(details["sourceUrl"].Text), CweNames.In([.. details["cwes"].Texts, .. code["cwes"].Texts]),
                details["vulnerabilityId"].Text is null ? null : [id]),
            Location = new Location
            {
                Path = code["filePath"]["filePath"].Text is { } path ? sink.RelativePath(path) : null,
                StartLine = code["filePath"]["startLine"].Integer,
                EndLine = code["filePath"]["endLine"].Integer,
                Package = package,
                Image = image,
                Resource = resource["id"].Text,
            },
            Scanners = [new Detection(sink.Scanner, id, word)],
            Fix = f["remediation"]["recommendation"]["text"].Text is { } text && text != "None Provided" ? new Fix(ReportSink.Shorten(text, 500), package?.FixedVersion) : null,
        });
    }

    private static Image? ImageOf(ReportNode resource)
    {
        var details = resource["details"]["awsEcrContainerImage"];
        if (resource["type"].Text != "AWS_ECR_CONTAINER_IMAGE" || details["repositoryName"].Text is not { } repository)
        {
            return null;
        }

        var tag = details["imageTags"].Texts.FirstOrDefault();
        // ECR's own answer names no region beside the ARN: arn:aws:ecr:REGION:ACCOUNT:repository/…
        var arn = resource["id"].Text?.Split(':') is { Length: > 5 } parts ? parts : null;
        var registry = (details["registry"].Text ?? arn?[4]) is { Length: > 0 } account && (resource["region"].Text ?? arn?[3]) is { Length: > 0 } region ? $"{account}.dkr.ecr.{region}.amazonaws.com/" : "";
        return new Image($"{registry}{repository}{(tag is null ? "" : ":" + tag)}", details["imageHash"].Text);
    }

    private static Package? PackageOf(ReportNode packages, string? platform)
    {
        var p = packages[0];
        if (p["name"].Text is not { } name)
        {
            return null;
        }

        var version = p["version"].Text;
        var release = p["release"].Text;
        version = version is null || release is null ? version : $"{version}-{release}";
        var fixedIn = p["fixedInVersion"].Text is { } v && v != "NotAvailable" ? v : null;
        var type = p["packageManager"].Text is { } manager ? PurlTypes.GetValueOrDefault(manager) : null;
        var path = type == "pypi" ? PythonPackage.Normalize(name) : type == "maven" ? name.Replace(':', '/') : name;
        var purl = type is not null ? $"pkg:{type}/{path}@{version}" : p["filePath"].Text is null ? SystemPackage.OfPlatform(platform, name, version) : null;
        return new Package(purl, name, version, fixedIn, p["filePath"].Text);
    }
}
