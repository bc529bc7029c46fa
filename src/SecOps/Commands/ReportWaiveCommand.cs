using System.CommandLine;
using System.Globalization;
using SecOps.Configuration;
using SecOps.Findings;
using SecOps.Reports;

namespace SecOps.Commands;

/// <summary><c>secops report waive</c>: accepts a finding for a time, in the configuration file that is loaded.</summary>
internal static class ReportWaiveCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var id = new Argument<string>("id") { Description = "The finding's id, or its beginning.", HelpName = "ID" };
        var reason = new Option<string>("--reason") { Description = "Why the risk is accepted.", HelpName = "TEXT", Required = true };
        var owner = new Option<string>("--owner") { Description = "Who answers for it.", HelpName = "WHO", Required = true };
        var until = new Option<string>("--until") { Description = "The last day on which it holds.", HelpName = "YYYY-MM-DD", Required = true };
        var command = new Command("waive", "Accept a finding for a time: adds a waiver to secops.yml.\n\nExample: secops report waive f1-9c1e --reason \"behind the VPN\" --owner platform@example.com --until 2027-01-31") { id, reason, owner, until };
        command.SetAction((parsed, _) =>
        {
            using var workspace = open(parsed);
            return Task.FromResult(Run(workspace, parsed.GetValue(id)!, parsed.GetValue(reason)!.Trim(), parsed.GetValue(owner)!.Trim(), parsed.GetValue(until)!));
        });
        return command;
    }

    private static int Run(Workspace workspace, string id, string reason, string owner, string until)
    {
        if (reason.Length == 0 || owner.Length == 0)
        {
            throw SecOpsException.Usage($"{(reason.Length == 0 ? "--reason" : "--owner")} is empty; a waiver says why, and who answers for it.");
        }

        if (!DateOnly.TryParseExact(until, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var expires))
        {
            throw SecOpsException.Usage($"--until {until}: write a day such as 2027-01-31.");
        }

        if (expires < DateOnly.FromDateTime(workspace.Clock.GetUtcNow().UtcDateTime))
        {
            throw SecOpsException.Usage($"--until {until} is past; the waiver would not hold for a day.");
        }

        var finding = FindingChoice.Find(FindingsReader.Read(workspace.FindingsFile), id);
        var configuration = workspace.Configuration(workspace.Directory);
        var file = configuration.File ?? Path.Combine(workspace.RootOf(workspace.Directory).Root, SecOpsConfiguration.FileName);
        if (configuration.Waivers.FirstOrDefault(w => w.Id is { } known && (known == finding.Id || finding.Aliases.Contains(known))) is { } present)
        {
            throw SecOpsException.Usage(string.Create(CultureInfo.InvariantCulture, $"{present.Place}: {finding.Id} has a waiver already, until {present.Expires:O}. Change it there."));
        }

        var text = configuration.File is null ? "" : ReadText(file);
        var waiver = new Waiver { Id = finding.Id, Reason = reason, Owner = owner, Expires = expires };
        AtomicFile.WriteText(file, WaiverText.Add(text, waiver, file));
        workspace.Terminal.Say(string.Create(
            CultureInfo.InvariantCulture, $"{Path.GetRelativePath(workspace.Directory, file)}: {Terminal.Clean(finding.Rule.Id)} at {Terminal.Clean(FindingText.Place(finding))} is waived until {expires:O}."));
        return ExitCode.Clean;
    }

    /// <summary>With its byte-order mark, if it has one: what is not ours to change stays.</summary>
    private static string ReadText(string file)
    {
        try
        {
            return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(file));
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw SecOpsException.Usage($"{file} is not UTF-8; save it as UTF-8 first.");
        }
    }
}
