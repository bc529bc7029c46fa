using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SecOps.EndToEnd;
using SecOps.Findings;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Reports;

/// <summary><c>secops report --to</c> of the packed tool, with systems that are away and commands that are killed.</summary>
public sealed class SendTests : IDisposable
{
    private const string Secret = "a-key-that-nobody-may-see";

    private readonly TemporaryFolder folder = new();
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public SendTests()
    {
        folder.Write(".secops/findings.json", ReportDocuments.Render("json"));
        listener.Start();
        folder.Write("secops.yml", $$"""
            report:
              graylog: {url: "tcp://{{listener.LocalEndpoint}}", findings: true}
              defectdojo: {url: "http://127.0.0.1:1"}
            """);
    }

    public void Dispose()
    {
        listener.Dispose();
        folder.Dispose();
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_system_that_is_away_keeps_no_other_from_its_report()
    {
        List<string> received = [];
        var server = ReceiveAsync(received, Messages);
        var result = await Tool.RunWithAsync(folder.Path, new() { ["DEFECTDOJO_TOKEN"] = Secret }, "report", "--format", "html", "--to", "defectdojo,graylog", "--verbose");
        result.ExitCode.ShouldBe(4);
        result.Error.ShouldContain("DefectDojo at 127.0.0.1 cannot be reached");
        (result.Output + result.Error).ShouldNotContain(Secret);
        File.Exists(folder[".secops/reports/findings.html"]).ShouldBeTrue();
        await server;
        received.Distinct().Count().ShouldBe(Messages);
    }

    [NeedsFact(Tool.Variable)]
    public async Task A_command_that_is_killed_between_two_messages_leaves_the_rest_for_the_next_and_each_arrives_once()
    {
        List<string> received = [];
        var first = ReceiveAsync(received, 4);
        using (var killed = Process.Start(new ProcessStartInfo(Tool.Path, ["report", "--to", "graylog"]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true })!)
        {
            await first;
            // It waits for the fifth to be taken; the four have been noted by then.
            for (var wait = 0; wait < 100 && (!File.Exists(folder[".secops/graylog/sent.txt"]) || File.ReadAllLines(folder[".secops/graylog/sent.txt"]).Length < 4); wait++)
            {
                await Task.Delay(50);
            }

            killed.Kill(entireProcessTree: true);
            await killed.WaitForExitAsync();
        }

        // The fifth was on its way, and this server goes down before it reads it.
        while (listener.Pending())
        {
            (await listener.AcceptTcpClientAsync()).Dispose();
        }

        var second = ReceiveAsync(received, Messages - 4);
        var result = await Tool.RunAsync(folder.Path, "report", "--to", "graylog");
        result.ExitCode.ShouldBe(0, result.Error);
        await second;
        received.Count.ShouldBe(Messages);
        received.Distinct().Count().ShouldBe(Messages);
        (await Tool.RunAsync(folder.Path, "report", "--to", "graylog")).Output.ShouldContain("Graylog: 0 messages sent");
    }

    /// <summary>The run, five scanners' looks, and what is new or existing.</summary>
    private static int Messages { get; } = 1 + 5 + ReportDocuments.Full.Findings.Count(f => f.State is FindingState.New or FindingState.Existing);

    /// <summary>Takes that many connections, a message each.</summary>
    private Task ReceiveAsync(List<string> received, int count) => Task.Run(async () =>
    {
        for (var i = 0; i < count; i++)
        {
            using var client = await listener.AcceptTcpClientAsync();
            using var reader = new StreamReader(client.GetStream());
            received.Add(JsonDocument.Parse((await reader.ReadToEndAsync()).TrimEnd('\0')).RootElement.GetProperty("_message_id").GetString()!);
        }
    });
}
