using FsCheck;
using FsCheck.Fluent;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Findings;

/// <summary>What an edit may do to ids, over generated edits of real files.</summary>
public sealed class EditProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(150);

    /// <summary>Files of the samples and, where they are at hand, those that Bandit is shown in its own examples.</summary>
    private static readonly string[][] Files = ReadFiles();

    private static readonly Gen<string[]> File = Gen.Elements(Files);

    private static readonly Gen<string> Unrelated = Gen.Elements("", "    # a remark", "x = 1", "\tpass", "def f(a, b):", "    return None", "é = '漏洞'");

    [Fact]
    public void Adding_unrelated_lines_anywhere_changes_no_id() => Check(
        from file in File
        from lines in Gen.ListOf(Gen.Zip(Gen.Choose(0, file.Length), Unrelated), 20)
        select (file, lines.Aggregate(file.ToList(), (text, added) =>
        {
            text.Insert(Math.Min(added.Item1, text.Count), added.Item2);
            return text;
        }).ToArray()),
        (before, after) => Ids(after).ShouldBe(Ids(before)));

    [Fact]
    public void Removing_unrelated_lines_anywhere_changes_no_id() => Check(
        from file in File
        from keep in Gen.ListOf(Gen.Elements(true, false, true), file.Length)
        select (file, file.Where((line, i) => keep[i] || Some.IsFlagged(line)).ToArray()),
        (before, after) => Ids(after).ShouldBe(Ids(before)));

    [Fact]
    public void Reformatting_white_space_changes_no_id() => Check(
        from file in File
        from indent in Gen.Elements("", "  ", "\t", "        ")
        from gap in Gen.Elements(" ", "  ", "\t")
        from end in Gen.Elements("", " ", "\r")
        select (file, file.Select(line => Some.IsFlagged(line) ? indent + line.Trim().Replace(" ", gap, StringComparison.Ordinal) + end : line).ToArray()),
        (before, after) => Ids(after).ShouldBe(Ids(before)));

    [Fact]
    public void Every_flagged_place_has_an_id_of_its_own_however_often_its_line_is_repeated() => Check(
        from file in File
        from line in Gen.Choose(0, file.Length - 1)
        from times in Gen.Choose(0, 5)
        select (file, file.Take(line).Concat(Enumerable.Repeat(file[line], times + 1)).Concat(file.Skip(line + 1)).ToArray()),
        (_, after) => Ids(after).Distinct().Count().ShouldBe(Some.Scan("f.py", after).Count));

    [Fact]
    public void Deleting_flagged_lines_fixes_as_many_and_adds_none() => Check(
        from file in File
        from keep in Gen.ListOf(Gen.Elements(true, true, false), file.Length)
        select (file, file.Where((_, i) => keep[i]).ToArray()),
        (before, after) =>
        {
            var states = Compare(before, after).CountBy(f => f.State).ToDictionary();
            states.GetValueOrDefault(FindingState.New).ShouldBe(0);
            states.GetValueOrDefault(FindingState.Fixed).ShouldBe(Some.Scan("f.py", before).Count - Some.Scan("f.py", after).Count);
        });

    [Fact]
    public void Adding_flagged_lines_makes_as_many_new_and_fixes_none() => Check(
        from file in File
        from keep in Gen.ListOf(Gen.Elements(true, true, false), file.Length)
        select (file.Where((_, i) => keep[i]).ToArray(), file),
        (before, after) =>
        {
            var states = Compare(before, after).CountBy(f => f.State).ToDictionary();
            states.GetValueOrDefault(FindingState.Fixed).ShouldBe(0);
            states.GetValueOrDefault(FindingState.New).ShouldBe(Some.Scan("f.py", after).Count - Some.Scan("f.py", before).Count);
        });

    [Fact]
    public void Shuffling_whole_files_and_findings_changes_nothing() => Check(
        from files in Gen.ArrayOf(File, 3)
        from order in Gen.Shuffle(files.SelectMany((f, i) => Some.Scan($"{i}.py", f)).ToArray())
        select (files.SelectMany((f, i) => Some.Scan($"{i}.py", f)).ToArray(), order),
        (inOrder, shuffled) => Some.Json(Some.Document(Identity.Assign(shuffled))).ShouldBe(Some.Json(Some.Document(Identity.Assign(inOrder)))));

    [Fact]
    public void Each_known_and_each_found_finding_is_in_the_comparison_once() => Check(
        from before in File
        from cut in Gen.Choose(0, before.Length)
        from after in File
        select (before, before.Take(cut).Concat(after).ToArray()),
        (before, after) =>
        {
            var states = Compare(before, after).CountBy(f => f.State).ToDictionary();
            var existing = states.GetValueOrDefault(FindingState.Existing);
            (existing + states.GetValueOrDefault(FindingState.New)).ShouldBe(Some.Scan("f.py", after).Count);
            (existing + states.GetValueOrDefault(FindingState.Fixed)).ShouldBe(Some.Scan("f.py", before).Count);
        });

    private static void Check<T>(Gen<(T[] Before, T[] After)> edits, Action<T[], T[]> property) =>
        FsCheck.Check.One(Runs, Prop.ForAll(edits.ToArbitrary(), edit => property(edit.Before, edit.After)));

    private static List<string> Ids(string[] lines) => [.. Identity.Assign(Some.Scan("f.py", lines)).Select(f => f.Id).Order(StringComparer.Ordinal)];

    private static List<Finding> Compare(string[] before, string[] after) =>
        Matching.Apply(Identity.Assign(Some.Scan("f.py", before)), Identity.Assign(Some.Scan("f.py", after)), [Some.Coverage("words")]);

    private static string[][] ReadFiles()
    {
        IEnumerable<string> files = Directory.GetFiles(Path.Combine(Parts.Repository, "samples"), "*.py", SearchOption.AllDirectories);
        if (Parts.Corpus is { } corpus)
        {
            files = files.Concat(Directory.GetFiles(Path.Combine(corpus, "bandit"), "*.py", SearchOption.AllDirectories));
        }

        return [.. files.Order(StringComparer.Ordinal).Select(System.IO.File.ReadAllLines).Where(lines => lines.Length > 3)];
    }
}
