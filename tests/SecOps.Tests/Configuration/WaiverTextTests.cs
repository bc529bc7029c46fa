using SecOps.Findings;
using Shouldly;
using Xunit;

namespace SecOps.Configuration;

public sealed class WaiverTextTests
{
    private const string Old = "  - {id: f1-0, reason: r, owner: o, expires: 2027-01-01}\n";

    private static readonly Waiver Added = new() { Id = "f1-1", Reason = "say \"why\": # \\ é\ttab", Owner = "me", Expires = new DateOnly(2027, 1, 31) };

    public static TheoryData<string> Files =>
    [
        "",
        "# only a remark",
        "gate:\n  failOn: high # strict\n",
        "gate: {failOn: high}",
        "waivers:\n",
        "waivers:",
        "waivers: # none yet\ngate:\n  failOn: low\n",
        "waivers: [] # none\n# after\ngate:\n  failOn: low\n",
        "waivers:\n" + Old + "# about the gate\ngate:\n  failOn: low\n",
        "waivers:\n# about the first\n- id: f1-0\n  reason: r # because\n  owner: o\n  expires: 2027-01-01\n\n# about the gate\ngate:\n  failOn: low\n",
        "waivers: [{id: f1-0, reason: r, owner: o, expires: 2027-01-01}]\n",
        "waivers: [\n  # one\n  {id: f1-0, reason: r, owner: o, expires: 2027-01-01},\n]\n",
        "gate:\r\n  failOn: high # strict\r\nwaivers:\r\n  - id: f1-0\r\n    reason: r\r\n    owner: o\r\n    expires: 2027-01-01\r\n",
        "---\ngate:\n  failOn: low\n",
        "\"waivers\":\n" + Old,
        "# é漏洞🛡 first\nwaivers:\n  # 漏洞\n" + Old,
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_waiver_is_added_and_every_other_line_stays(string text)
    {
        var changed = WaiverText.Add(text, Added, "secops.yml");
        var before = SecOpsConfiguration.Parse(text, "secops.yml", _ => null);
        var after = SecOpsConfiguration.Parse(changed, "secops.yml", _ => null);
        after.Waivers.Select(w => w with { Place = "" }).ShouldBe(before.Waivers.Append(Added).Select(w => w with { Place = "" }), ignoreOrder: true);
        after.Gate.FailOn.ShouldBe(before.Gate.FailOn);
        var kept = changed.Split('\n').ToHashSet();
        text.Split('\n').Where(line => line.Contains('#', StringComparison.Ordinal) && !line.Contains("waivers: [", StringComparison.Ordinal)).ShouldAllBe(line => kept.Contains(line));
        text.Split('#').Length.ShouldBe(changed.Replace(": # \\\\", "", StringComparison.Ordinal).Split('#').Length, "a remark was lost");
        changed.Contains("\r\n", StringComparison.Ordinal).ShouldBe(text.Contains("\r\n", StringComparison.Ordinal));
    }

    [Fact]
    public void A_second_waiver_joins_the_first()
    {
        var once = WaiverText.Add("gate:\n  failOn: high\n", Added, "secops.yml");
        var twice = WaiverText.Add(once, Added with { Id = "f1-2" }, "secops.yml");
        SecOpsConfiguration.Parse(twice, "secops.yml", _ => null).Waivers.Select(w => w.Id).ShouldBe(["f1-1", "f1-2"], ignoreOrder: true);
    }

    [Fact]
    public void A_file_that_cannot_be_added_to_is_left_alone_and_the_text_to_add_is_shown() =>
        Should.Throw<SecOpsException>(() => WaiverText.Add("{gate: {failOn: high}}\n", Added, "secops.yml")).Message.ShouldContain("id: f1-1");
}
