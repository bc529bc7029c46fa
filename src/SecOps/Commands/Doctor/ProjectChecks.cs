using System.Globalization;
using System.Text.RegularExpressions;
using SecOps.Configuration;
using SecOps.Delivery.Diagnose;
using SecOps.Scanners;
using SecOps.Toolbox;

namespace SecOps.Commands.Doctor;

/// <summary>What this project's configuration and files need.</summary>
internal static partial class ProjectChecks
{
    private static readonly string[] AwsVariables =
        ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];

    public static Task<IReadOnlyList<DiagnoseCheck>> ConfigurationAsync(Workspace workspace, CancellationToken cancellation)
    {
        var found = new List<DiagnoseCheck>();
        try
        {
            var configuration = workspace.Configuration(workspace.Directory);
            found.Add(DiagnoseCheck.Ok("configuration", configuration.File ?? SecOpsConfiguration.FileName, configuration.File is null ? "there is none; the defaults hold." : "is valid."));
            var today = DateOnly.FromDateTime(workspace.Clock.GetUtcNow().UtcDateTime);
            foreach (var waiver in configuration.Waivers)
            {
                var what = $"the waiver of {waiver.Owner} ({Terminal.Clean(waiver.Reason)})";
                var expires = waiver.Expires.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                if (waiver.Expires < today)
                {
                    found.Add(DiagnoseCheck.Warning("configuration.waiver", waiver.Place, $"{what} ended on {expires}: it holds no more.", "Fix the finding and remove the waiver, or decide anew."));
                }
                else if (waiver.Expires < today.AddDays(14))
                {
                    found.Add(DiagnoseCheck.Warning("configuration.waiver", waiver.Place, $"{what} ends on {expires}.", "Fix the finding before that day."));
                }
            }
        }
        catch (SecOpsException e)
        {
            found.Add(DiagnoseCheck.Failed("configuration", workspace.Options.Config ?? SecOpsConfiguration.FileName, e.Message, "Change the file as the message says."));
        }

        return LocalChecks.Result(found);
    }

    public static async Task<IReadOnlyList<DiagnoseCheck>> ScannersAsync(Workspace workspace, CancellationToken cancellation)
    {
        var (git, root) = workspace.RootOf(workspace.Directory);
        var target = new SourceTarget(".", root, await SourceFiles.ListAsync(git, root, workspace.Directory, cancellation));
        var configuration = TryConfiguration(workspace);
        var required = configuration?.Gate.Require ?? [];
        var fitting = ScannerList.Fitting(target, ScanOperation.Settings(workspace, configuration?.Scan ?? new())).ToList();
        var scanners = ScannerList.Scanners.Where(s => required.Contains(s.Name) || fitting.Contains(s));
        return await Task.WhenAll(scanners.Select(s => ScannerAsync(workspace, s, required.Contains(s.Name), cancellation)));
    }

    private static async Task<DiagnoseCheck> ScannerAsync(Workspace workspace, IScanner scanner, bool required, CancellationToken cancellation)
    {
        var id = "scanner." + scanner.Name;
        var install = ToolLock.Own.Find(scanner.Tool.Name) is null ? ToolLock.Advice(scanner.Tool) : $"secops tools install {scanner.Tool.Name}";
        if (await workspace.Tools.FindAsync(scanner.Tool, cancellation) is not { } location)
        {
            return required
                ? DiagnoseCheck.Failed(id, scanner.Tool.Executable, "is required by gate.require and not installed: every scan is incomplete.", install)
                : DiagnoseCheck.Warning(id, scanner.Tool.Executable, "fits what is here and is not installed: its findings are missing.", install);
        }

        var version = await workspace.Tools.VersionAsync(scanner.Tool, location, cancellation);
        if (ToolVersion.IsTooOld(scanner.Tool, version))
        {
            var message = $"version {version} is older than {scanner.Tool.OldestGood} and misses findings.";
            return required ? DiagnoseCheck.Failed(id, location.Path, message, install) : DiagnoseCheck.Warning(id, location.Path, message, install);
        }

        var pinned = ToolLock.Own.Find(scanner.Tool.Name)?.Version;
        return version is null
            ? DiagnoseCheck.Unknown(id, location.Path, $"{scanner.Name} does not say its version.")
            : DiagnoseCheck.Ok(id, location.Path, $"{scanner.Name} {version}{(pinned is null || pinned == version ? "" : $"; {pinned} is pinned")}.");
    }

    /// <summary>Variables that the configuration refers to, and sign-ins that its stages need. Values are never looked at.</summary>
    public static Task<IReadOnlyList<DiagnoseCheck>> CredentialsAsync(Workspace workspace, CancellationToken cancellation)
    {
        var found = new List<DiagnoseCheck>();
        if (TryConfiguration(workspace) is not { File: { } file } configuration)
        {
            return LocalChecks.Result(found);
        }

        var lines = File.ReadAllLines(file);
        for (var i = 0; i < lines.Length; i++)
        {
            foreach (Match match in SecretReference().Matches(lines[i]))
            {
                var name = match.Groups[1].Value;
                var resource = string.Create(CultureInfo.InvariantCulture, $"{file}:{i + 1}");
                found.Add(string.IsNullOrEmpty(workspace.Variable(name))
                    ? DiagnoseCheck.Warning("credentials.variable", resource, $"{name} is not set.", $"Set {name} in the environment of the command that needs it.")
                    : DiagnoseCheck.Ok("credentials.variable", resource, $"{name} is set."));
            }
        }

        var commands = configuration.Run.Stages.Select(s => s.Arguments[0]).ToHashSet();
        if (commands.Contains("deploy") && !HasAws(workspace))
        {
            found.Add(DiagnoseCheck.Warning("credentials.aws", file, "a stage deploys, and no AWS credentials are to be seen: neither variables nor a profile. (On an EC2 instance its role may still serve.)", "aws configure sso, or set AWS_PROFILE."));
        }

        return LocalChecks.Result(found);
    }

    private static bool HasAws(Workspace workspace)
    {
        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".aws");
        return AwsVariables.Any(v => !string.IsNullOrEmpty(workspace.Variable(v)))
            || File.Exists(workspace.Variable("AWS_SHARED_CREDENTIALS_FILE") ?? Path.Combine(home, "credentials"))
            || File.Exists(workspace.Variable("AWS_CONFIG_FILE") ?? Path.Combine(home, "config"));
    }

    private static SecOpsConfiguration? TryConfiguration(Workspace workspace)
    {
        try
        {
            return workspace.Configuration(workspace.Directory);
        }
        catch (SecOpsException)
        {
            // Its own check says so.
            return null;
        }
    }

    [GeneratedRegex(@"^[^#]*?[:\s""']env:([A-Za-z_][A-Za-z0-9_]*)", RegexOptions.None, matchTimeoutMilliseconds: 500)]
    private static partial Regex SecretReference();
}
