using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using SecOps.Findings;
using SecOps.Reports;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Graylog;

public sealed class GelfTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NeedsFact("SECOPS_TEST_GELF_UDP", "SECOPS_TEST_GELF_FILE")]
    public Task A_server_receives_every_message_over_UDP_also_one_above_8_KB_in_chunks() => ReceivedAll("udp", Parts.Variable("SECOPS_TEST_GELF_UDP"));

    [NeedsFact("SECOPS_TEST_GELF_TCP", "SECOPS_TEST_GELF_FILE")]
    public Task A_server_receives_every_message_over_TCP() => ReceivedAll("tcp", Parts.Variable("SECOPS_TEST_GELF_TCP"));

    [Fact]
    public void A_large_message_is_compressed_and_cut_into_numbered_chunks()
    {
        var datagrams = GelfSender.Datagrams(RandomNumberGenerator.GetBytes(20_000));
        datagrams.Count.ShouldBe(15);
        datagrams.ShouldAllBe(d => d.Length <= 1420 && d[0] == 0x1e && d[1] == 0x0f && d[11] == 15);
        datagrams.Select(d => (int)d[10]).ShouldBe(Enumerable.Range(0, 15));
        datagrams.Select(d => Convert.ToHexString(d[2..10])).Distinct().ShouldHaveSingleItem();
        GelfSender.Datagrams(RandomNumberGenerator.GetBytes(1_000_000)).Count.ShouldBeLessThanOrEqualTo(128);
    }

    [Fact]
    public async Task A_server_that_dies_half_way_and_comes_back_has_each_message_once()
    {
        var port = Free();
        List<string> received = [];
        var first = ServeAsync(port, received, 2);
        var spool = new GelfSpool(folder["graylog"], "server");
        spool.Add(GraylogMessages.Of(ReportDocuments.Full, "host", "p", findings: true).Messages);
        var all = spool.Waiting().Count;
        using (var sender = new GelfSender(GelfAddress.Parse($"http://127.0.0.1:{port}")))
        {
            await Should.ThrowAsync<IOException>(spool.SendAsync(sender, CancellationToken.None));
        }

        await first;
        spool.Waiting().Count.ShouldBe(all - 2);

        var second = ServeAsync(port, received, all - 2);
        // The same run told again, as people do: what has arrived is not sent a second time.
        spool.Add(GraylogMessages.Of(ReportDocuments.Full, "host", "p", findings: true).Messages);
        using (var sender = new GelfSender(GelfAddress.Parse($"http://127.0.0.1:{port}")))
        {
            (await spool.SendAsync(sender, CancellationToken.None)).ShouldBe(all - 2);
        }

        await second;
        spool.Waiting().ShouldBeEmpty();
        received.Count.ShouldBe(all);
        received.Distinct().Count().ShouldBe(all);
    }

    [Fact]
    public async Task Over_TCP_too_each_message_arrives_once_when_the_server_dies_between_two()
    {
        var port = Free();
        var spool = new GelfSpool(folder["graylog"], "server");
        spool.Add(GraylogMessages.Of(ReportDocuments.Full, "host", "p", findings: true).Messages);
        var all = spool.Waiting().Count;
        var received = "";
        using var sender = new GelfSender(GelfAddress.Parse($"tcp://127.0.0.1:{port}"));
        foreach (var lives in new[] { 3, all - 3 })
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            var server = Task.Run(async () =>
            {
                for (var i = 0; i < lives; i++)
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    using var reader = new StreamReader(client.GetStream());
                    received += await reader.ReadToEndAsync();
                }

                listener.Stop();
            });
            try
            {
                await spool.SendAsync(sender, CancellationToken.None);
            }
            catch (IOException) when (lives == 3)
            {
            }

            await server;
        }

        spool.Waiting().ShouldBeEmpty();
        var ids = received.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(m => JsonDocument.Parse(m).RootElement.GetProperty("_message_id").GetString()).ToList();
        ids.Count.ShouldBe(all);
        ids.Distinct().Count().ShouldBe(all);
    }

    [Fact]
    public void A_message_is_kept_in_its_folder_whatever_its_id_is()
    {
        var spool = new GelfSpool(folder["a/graylog"], "server");
        spool.Add(new[] { "../../x", "/etc/x", "a/b", "a_b", new string('x', 500), "\0" }.Select(id => new GelfMessage(id, "h", "s", DateTimeOffset.UnixEpoch, 6, [])));
        spool.Waiting().Count.ShouldBe(6);
        Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Count().ShouldBe(6);
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    [InlineData("http")]
    public async Task Messages_for_a_server_that_is_away_wait(string scheme)
    {
        var spool = new GelfSpool(folder["graylog"], "server");
        var messages = GraylogMessages.Of(ReportDocuments.Full, "host", "p", findings: false).Messages;
        spool.Add(messages);
        spool.Add(messages);
        using var sender = new GelfSender(GelfAddress.Parse($"{scheme}://127.0.0.1:{Free()}"));
        await Should.ThrowAsync<IOException>(spool.SendAsync(sender, CancellationToken.None));
        spool.Waiting().Count.ShouldBe(messages.Count);
    }

    [Fact]
    public async Task TLS_carries_the_messages_to_a_server_that_is_trusted_and_to_no_other()
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = GelfAddress.Parse($"tls://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        var server = Task.Run(async () =>
        {
            var text = "";
            for (var i = 0; i < 3; i++)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await using var tls = new SslStream(client.GetStream());
                try
                {
                    await tls.AuthenticateAsServerAsync(certificate);
                    using var reader = new StreamReader(tls);
                    text += await reader.ReadToEndAsync();
                }
                catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // The client did not like the certificate.
                }
            }

            return text;
        });
        using (var careful = new GelfSender(address))
        {
            await Should.ThrowAsync<IOException>(careful.SendAsync(["one"u8.ToArray()], _ => { }, CancellationToken.None));
        }

        using (var trusting = new GelfSender(address) { Trust = (_, _, _, _) => true })
        {
            await trusting.SendAsync(["two"u8.ToArray(), "three"u8.ToArray()], _ => { }, CancellationToken.None);
        }

        (await server).ShouldBe("two\0three\0");
    }

    [Fact]
    public void A_message_of_a_scanner_has_the_fields_that_dashboards_ask_for()
    {
        var messages = GraylogMessages.Of(ReportDocuments.Full, "host", "shop", findings: true).Messages;
        messages.Count.ShouldBe(1 + 5 + 8);
        var trivy = JsonDocument.Parse(messages.Single(m => m.Short.StartsWith("secops: trivy", StringComparison.Ordinal)).ToJson()).RootElement;
        trivy.GetProperty("version").GetString().ShouldBe("1.1");
        trivy.GetProperty("timestamp").GetDecimal().ShouldBe(1767323054m);
        trivy.GetProperty("_critical").GetInt32().ShouldBe(1);
        trivy.GetProperty("_high").GetInt32().ShouldBe(0);
        trivy.GetProperty("_image").GetString().ShouldBe("registry.example:5000/team/app:1.2@sha256:00");
        trivy.GetProperty("_project_key").GetString().ShouldBe("shop");
        trivy.GetProperty("_gate").GetString().ShouldBe("failed");
        trivy.TryGetProperty("_quality_gate", out _).ShouldBeFalse("that word is SonarQube's");
        messages.ShouldAllBe(m => m.Fields.Any(f => f.Key == "project_key"));
        messages.ShouldAllBe(m => JsonDocument.Parse(m.ToJson(), default).RootElement.EnumerateObject().All(p => p.Name != "_id"));
    }

    [Fact]
    public void SonarQube_is_told_of_in_its_own_words()
    {
        var sonar = new Coverage
        {
            Scanner = "sonarqube", Target = ".", Status = CoverageStatus.Completed, Findings = 9,
            Quality = new ProjectQuality("weather") { Gate = "ERROR", Bugs = 4, Vulnerabilities = 2, CodeSmells = 30, Hotspots = 1, Failing = [new QualityCondition("new_coverage", "LT", "80", "61.5")] },
        };
        var (messages, _) = GraylogMessages.Of(ReportDocuments.Full with { Coverage = [sonar] }, "host", "shop", findings: false);
        var message = JsonDocument.Parse(messages[1].ToJson()).RootElement;
        message.GetProperty("_project_key").GetString().ShouldBe("weather");
        message.GetProperty("_quality_gate").GetString().ShouldBe("ERROR");
        message.GetProperty("_quality_gate_failing").GetString().ShouldBe("new_coverage 61.5 is below 80");
        message.GetProperty("_bugs").GetInt32().ShouldBe(4);
        message.GetProperty("timestamp").GetDecimal().ShouldBe(1767323054m);
    }

    [Fact]
    public void The_worst_findings_get_messages_and_the_rest_is_counted()
    {
        var findings = Enumerable.Range(0, GraylogMessages.MaxFindings + 7).Select(i => ReportDocuments.Code($"f1-{i}", i == 0 ? Severity.Critical : Severity.Low, "B1", "a.py", 1, "t")).ToList();
        var (messages, left) = GraylogMessages.Of(ReportDocuments.Full with { Findings = findings }, "host", "p", findings: true);
        left.ShouldBe(7);
        messages.Count.ShouldBe(1 + 5 + GraylogMessages.MaxFindings);
        messages.ShouldContain(m => m.Id.EndsWith("-f1-0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_commands_at_once_send_each_message_once()
    {
        var port = Free();
        List<string> received = [];
        var messages = GraylogMessages.Of(ReportDocuments.Full, "host", "p", findings: true).Messages;
        var server = ServeAsync(port, received, messages.Count);
        async Task Command()
        {
            var spool = new GelfSpool(folder["graylog"], "server");
            using var held = await spool.LockAsync(CancellationToken.None);
            spool.Add(messages);
            using var sender = new GelfSender(GelfAddress.Parse($"http://127.0.0.1:{port}"));
            await spool.SendAsync(sender, CancellationToken.None);
        }

        await Task.WhenAll(Task.Run(Command), Task.Run(Command));
        await server;
        received.Distinct().Count().ShouldBe(messages.Count);
    }

    [Theory]
    [InlineData("gelf://host")]
    [InlineData("host:12201")]
    [InlineData("http://user:password@host")]
    [InlineData("")]
    public void An_address_of_another_kind_is_refused(string text) => Should.Throw<SecOpsException>(() => GelfAddress.Parse(text)).Code.ShouldBe(ExitCode.Usage);

    [Theory]
    [InlineData("udp://h", 12201, "udp://h")]
    [InlineData("http://h:12202", 12202, "http://h:12202/gelf")]
    [InlineData("https://h/input", 443, "https://h/input")]
    public void An_address_has_its_usual_port_and_path(string text, int port, string uri)
    {
        var address = GelfAddress.Parse(text);
        (address.Port, address.Uri.AbsoluteUri.TrimEnd('/')).ShouldBe((port, uri));
    }

    private async Task ReceivedAll(string scheme, string server)
    {
        var run = Guid.NewGuid().ToString("N");
        var document = ReportDocuments.Full with { Run = ReportDocuments.Full.Run with { Id = run } };
        var messages = GraylogMessages.Of(document, "host", "p", findings: true).Messages.ToList();
        // Text that does not compress, 15 KB of it.
        messages.Add(new GelfMessage(run + "-large", "host", "large", DateTimeOffset.UtcNow, 6, [new("a", Convert.ToHexString(RandomNumberGenerator.GetBytes(3900))), new("b", Convert.ToHexString(RandomNumberGenerator.GetBytes(3900)))]));
        var spool = new GelfSpool(folder["graylog"], "server");
        spool.Add(messages);
        using var sender = new GelfSender(GelfAddress.Parse($"{scheme}://{server}"));
        (await spool.SendAsync(sender, CancellationToken.None)).ShouldBe(messages.Count);

        var expected = messages.Select(m => m.Id).Order().ToList();
        List<string> received = [];
        for (var wait = 0; wait < 100 && received.Count < expected.Count; wait++)
        {
            await Task.Delay(50);
            received = Lines().Where(l => l.TryGetProperty("message", out _)).Select(l => l.GetProperty("message")).Select(m => m.GetProperty("_message_id").GetString()!).Where(id => id.StartsWith(run, StringComparison.Ordinal)).Order().ToList();
        }

        received.ShouldBe(expected);
        if (scheme == "udp")
        {
            Lines().Where(l => l.TryGetProperty("begins", out _)).Select(l => l.GetProperty("begins").GetString()).ShouldContain("1e0f");
        }
    }

    private static List<JsonElement> Lines()
    {
        using var file = new FileStream(Parts.Variable("SECOPS_TEST_GELF_FILE"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, Encoding.UTF8);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
    }

    /// <summary>Takes that many messages over HTTP, then is gone.</summary>
    private static Task ServeAsync(int port, List<string> received, int count)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
            {
                using var client = await listener.AcceptTcpClientAsync();
                using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                var length = 0;
                while (await reader.ReadLineAsync() is { Length: > 0 } header)
                {
                    length = header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase) ? int.Parse(header[15..], null) : length;
                }

                var body = new char[length];
                await reader.ReadBlockAsync(body);
                received.Add(JsonDocument.Parse(new string(body)).RootElement.GetProperty("_message_id").GetString()!);
                await client.GetStream().WriteAsync("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            }

            listener.Dispose();
        });
    }

    private static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
