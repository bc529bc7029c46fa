using SecOps.Findings;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Remediation.Python;

/// <summary>Fixes that break something on purpose are made when somebody asks for them by name.</summary>
public sealed class OnRequestTests
{
    [Theory]
    [InlineData("app.run(host=\"0.0.0.0\", port=80)\n", "app.run(host=\"127.0.0.1\", port=80)\n")]
    [InlineData("import socket\n\ns = socket.socket()\ns.bind(('0.0.0.0', 80))  # all\n", "import socket\n\ns = socket.socket()\ns.bind(('127.0.0.1', 80))  # all\n")]
    [InlineData("HOST = \"0.0.0.0\"\n", "HOST = \"127.0.0.1\"\n")]
    [InlineData("pairs = [(\"0.0.0.0\", 80), (\"0.0.0.0\", 81)]\n", null)]
    [InlineData("url = \"http://0.0.0.0:80\"\n", null)]
    public async Task B104_listens_on_loopback_alone(string text, string? expected)
    {
        using var folder = new TemporaryFolder();
        folder.Write("app.py", text);
        var line = text.Split('\n').ToList().FindIndex(l => l.Contains("0.0.0.0", StringComparison.Ordinal)) + 1;
        var finding = new Finding
        {
            Category = Category.Code, Severity = Severity.Medium, Title = "", Rule = new Rule("B104"), Location = new Location { Path = "app.py", StartLine = line }, Scanners = [new Detection("bandit", "B104", "MEDIUM")],
        };
        var request = new FixRequest(finding, new SourceTree(folder.Path, ["app.py"]));
        (await new RulesEngine([]).ProposeAsync(request, 1, null, CancellationToken.None)).ShouldBeOfType<NoFix>().Reason.ShouldContain("remediate.also");
        var asked = await new RulesEngine(["B104"]).ProposeAsync(request, 1, null, CancellationToken.None);
        (asked as Proposal)?.Changes[0].After.ShouldBe(expected);
        (asked is Proposal).ShouldBe(expected is not null);
    }
}
