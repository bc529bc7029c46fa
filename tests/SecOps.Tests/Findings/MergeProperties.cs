using FsCheck;
using FsCheck.Fluent;
using SecOps.Reports;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Findings;

/// <summary>Merging: any order, any grouping, twice: the same bytes. Over documents made to collide, and over real reports.</summary>
public sealed class MergeProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(400);

    private static readonly Gen<string> Advisory = Gen.Elements("CVE-2024-1", "CVE-2024-2", "GHSA-1", "GHSA-2", "PYSEC-1");

    private static readonly Gen<Finding> AnyFinding =
        from category in Gen.Elements(Enum.GetValues<Category>())
        from severity in Gen.Elements(Enum.GetValues<Severity>())
        from scanner in Gen.Elements("bandit", "semgrep", "trivy")
        from rule in Gen.Elements("R1", "R2")
        from advisory in Advisory
        from advisories in Gen.ListOf(Advisory, 2)
        from cwe in Gen.SubListOf("CWE-1", "CWE-2")
        from path in Gen.Elements("a.py", "b.py")
        from line in Gen.Choose(1, 3)
        from snippet in Gen.Elements("x", "y", null)
        from message in Gen.Elements("m", "n", null)
        from confidence in Gen.Elements("high", "low", "odd", null)
        from version in Gen.Elements("2.0", "2.1", null)
        select new Finding
        {
            Category = category,
            Severity = severity,
            Confidence = confidence,
            Title = message ?? rule,
            Message = message,
            Rule = category == Category.Dependency ? new Rule(advisory, Advisories: [.. advisories]) : new Rule(rule, Cwe: [.. cwe]),
            Location = new Location
            {
                Path = category == Category.Dependency ? null : path,
                StartLine = line,
                Snippet = snippet,
                Package = category == Category.Dependency ? new Package("pkg:pypi/flask@1", "flask", "1", version, path) : null,
                Url = category == Category.Web ? "http://h/" + line : null,
                Resource = category is Category.Cloud or Category.Config ? "r" + line : null,
            },
            Scanners = [new Detection(scanner, rule, Words.Of(severity))],
            Fix = version is null ? null : new Fix("update", version),
        };

    private static readonly Gen<Coverage> AnyCoverage =
        from scanner in Gen.Elements("bandit", "trivy")
        from status in Gen.Elements(Enum.GetValues<CoverageStatus>())
        from target in Gen.Elements(".", "app:1")
        from findings in Gen.Choose(0, 3)
        from whole in Gen.Elements(true, false)
        from message in Gen.Elements("broken", null)
        from gate in Gen.Elements("OK", "ERROR", null)
        select new Coverage { Scanner = scanner, Status = status, Target = target, Findings = findings, Message = message, Scope = whole ? null : ["a.py"], Required = whole, Quality = gate is null ? null : new ProjectQuality("p") { Gate = gate, Bugs = findings } };

    private static readonly Gen<FindingsDocument> AnyDocument =
        from id in Gen.Choose(1, 9)
        from minutes in Gen.Choose(0, 5)
        from commit in Gen.Elements("c1", "c2", null)
        from findings in Gen.ListOf(AnyFinding).Resize(12)
        from coverage in Gen.ListOf(AnyCoverage).Resize(3)
        from baseline in Gen.ListOf(AnyFinding).Resize(6)
        from waived in Gen.Elements("R1", "R2", "none")
        let united = Identity.Assign(findings)
        let placed = baseline.Count == 0 ? united : Matching.Apply(Identity.Assign(baseline), united, [.. coverage])
        select new FindingsDocument
        {
            Run = new RunInfo { Id = "run" + id, StartedAt = DateTimeOffset.UnixEpoch.AddMinutes(id), FinishedAt = DateTimeOffset.UnixEpoch.AddMinutes(10 + minutes), Commit = commit, SecopsVersion = "1" },
            Coverage = [.. coverage],
            Findings = Waivers.Apply([new Waiver { Rule = waived, Reason = "r", Owner = "o", Expires = new DateOnly(2030, 1, 1) }], placed, new DateOnly(1970, 1, 1)).Findings,
        };

    [Fact]
    public void Order_does_not_matter() => Check(
        from documents in Gen.NonEmptyListOf(AnyDocument).Resize(4)
        from shuffled in Gen.Shuffle(documents.ToArray())
        select (documents.ToArray(), shuffled),
        (documents, shuffled) => Merged(shuffled).ShouldBe(Merged(documents)));

    [Fact]
    public void Grouping_does_not_matter() => Check(
        from a in Gen.NonEmptyListOf(AnyDocument).Resize(3)
        from b in Gen.NonEmptyListOf(AnyDocument).Resize(3)
        select (a.ToArray(), b.ToArray()),
        (a, b) =>
        {
            var whole = Merged([.. a, .. b]);
            Merged([Some.Read(Merged(a)), Some.Read(Merged(b))]).ShouldBe(whole);
            Merged([Some.Read(Merged(a)), .. b]).ShouldBe(whole);
            Merged([.. a, Some.Read(Merged(b))]).ShouldBe(whole);
        });

    [Fact]
    public void Twice_is_once() => Check(
        from a in Gen.NonEmptyListOf(AnyDocument).Resize(3)
        from b in Gen.Elements(a.ToArray())
        select (a.ToArray(), new[] { b }),
        (a, b) =>
        {
            var once = Merged(a);
            Merged([.. a, .. b]).ShouldBe(once);
            Merged([Some.Read(once)]).ShouldBe(once);
            Merged([Some.Read(once), .. b]).ShouldBe(once);
        });

    [Fact]
    public void Every_id_of_every_part_is_found_in_the_whole() => Check(
        from a in Gen.NonEmptyListOf(AnyDocument).Resize(4)
        select (a.ToArray(), a.ToArray()),
        (a, _) =>
        {
            var whole = Merge.Of(a, new GatePolicy(), []);
            var names = whole.Findings.SelectMany(f => f.Aliases.Append(f.Id)).ToHashSet();
            a.SelectMany(d => d.Findings).Where(f => !names.Contains(f.Id)).Select(f => f.Id).ShouldBeEmpty();
            whole.Findings.Select(f => f.Id).ShouldBeUnique();
        });

    [CorpusFact]
    public void Real_reports_merge_to_the_same_bytes_in_any_order_and_grouping()
    {
        var documents = CorpusDocuments.All().Select((d, i) => d.Document with { Run = d.Document.Run with { Id = "run" + i } }).ToArray();
        documents.Length.ShouldBeGreaterThan(10);
        var whole = Merged(documents);
        Merged([.. documents.Reverse()]).ShouldBe(whole);
        Merged([Some.Read(Merged(documents[..7])), Some.Read(Merged(documents[5..])), documents[3]]).ShouldBe(whole);
    }

    private static string Merged(IReadOnlyList<FindingsDocument> documents) => Some.Json(Merge.Of(documents, new GatePolicy(), []));

    private static void Check(Gen<(FindingsDocument[] A, FindingsDocument[] B)> documents, Action<FindingsDocument[], FindingsDocument[]> property) =>
        FsCheck.Check.One(Runs, Prop.ForAll(documents.ToArbitrary(), d => property(d.A, d.B)));
}
