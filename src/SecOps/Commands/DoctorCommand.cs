using System.CommandLine;
using System.Text;
using System.Text.Json;
using SecOps.Commands.Doctor;
using SecOps.Delivery.Diagnose;

namespace SecOps.Commands;

/// <summary><c>secops doctor</c>: what is missing or broken here, and how to mend it.</summary>
internal static class DoctorCommand
{
    /// <summary>A check that hangs must not hold up the others' answers.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var aws = new Option<bool>("--aws") { Description = "Walk from the load balancer of an ECS service to its task instead, and name what is broken." };
        var policy = new Option<bool>("--iam-policy") { Description = "Print the least-privilege IAM policy for what the configuration uses." };
        var cluster = DeployCommand.Text("--cluster", "CLUSTER", "With --aws: the ECS cluster. Default: deploy.cluster.");
        var service = DeployCommand.Text("--service", "SERVICE", "With --aws: the ECS service. Default: deploy.service.");
        var region = DeployCommand.Text("--region", "REGION", "The AWS region. Default: deploy.region, AWS_REGION, the profile's.");
        var from = DeployCommand.Text("--from", "RANGE", "With --aws: where clients come from, e.g. 10.0.0.0/8. Default: the internet.");
        var command = new Command("doctor", "Say what is missing or broken here, and how to mend it. Changes nothing. Exit code 3 when something failed; warnings do not count.\n\nExample: secops doctor --aws --cluster main --service shop")
        {
            aws, policy, cluster, service, region, from,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var workspace = open(parsed);
            return parsed.GetValue(policy) ? await DoctorAws.PolicyAsync(workspace, parsed.GetValue(region), cancellation)
                : parsed.GetValue(aws) ? await DoctorAws.RunAsync(workspace, parsed.GetValue(cluster), parsed.GetValue(service), parsed.GetValue(region), parsed.GetValue(from), cancellation)
                : await RunAsync(workspace, LocalChecks.All, cancellation);
        });
        return command;
    }

    /// <summary>Runs the checks together and prints their answers in the order of the list.</summary>
    /// <returns><see cref="ExitCode.Incomplete"/> when one failed.</returns>
    public static async Task<int> RunAsync(Workspace workspace, IReadOnlyList<(string Id, DoctorCheck Check)> checks, CancellationToken cancellation)
    {
        var results = (await Task.WhenAll(checks.Select(c => Task.Run(() => OneAsync(workspace, c.Id, c.Check, cancellation), cancellation)))).SelectMany(r => r).ToList();
        Print(workspace.Terminal, results);
        return results.Exists(r => r.Status == CheckStatus.Failed) ? ExitCode.Incomplete : ExitCode.Clean;
    }

    private static async Task<IReadOnlyList<DiagnoseCheck>> OneAsync(Workspace workspace, string id, DoctorCheck check, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            return await check(workspace, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return [DiagnoseCheck.Unknown(id, id, $"no answer within {Durations.Show(Limit)}.")];
        }
        catch (Exception e) when (e is SecOpsException or IOException or UnauthorizedAccessException)
        {
            return [DiagnoseCheck.Unknown(id, id, e.Message)];
        }
    }

    private static void Print(Terminal terminal, IReadOnlyList<DiagnoseCheck> results)
    {
        foreach (var result in results)
        {
            terminal.Say($"{Shown(terminal, result.Status)} {result.Id}: {Terminal.Clean(result.Resource)}: {Terminal.Clean(result.Message)}{(result.Fix is null ? "" : $"\n          fix: {Terminal.Clean(result.Fix)}")}");
        }

        if (!terminal.Json)
        {
            return;
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("checks");
            foreach (var result in results)
            {
                json.WriteStartObject();
                json.WriteString("id", result.Id);
                json.WriteString("status", Word(result.Status));
                json.WriteString("resource", result.Resource);
                json.WriteString("message", result.Message);
                json.WriteString("fix", result.Fix);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        terminal.Result(Encoding.UTF8.GetString(buffer.ToArray()) + "\n");
    }

    private static string Word(CheckStatus status) => status switch
    {
        CheckStatus.Ok => "ok",
        CheckStatus.Warning => "warning",
        CheckStatus.Failed => "failed",
        _ => "unknown",
    };

    private static string Shown(Terminal terminal, CheckStatus status) => terminal.Paint(Word(status).PadRight(8), status switch
    {
        CheckStatus.Ok => "32",
        CheckStatus.Warning => "33",
        CheckStatus.Failed => "1;31",
        _ => "2",
    });
}
