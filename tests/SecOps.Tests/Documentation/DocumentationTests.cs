using System.Text.RegularExpressions;
using SecOps.Configuration;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Documentation;

/// <summary>What the pages say exists: files that they link to, and commands that they show.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] Elsewhere = [".git", "artifacts", "node_modules", ".secops"];

    [Fact]
    public void Every_link_to_a_file_or_a_heading_leads_there()
    {
        var broken = new List<string>();
        var links = 0;
        foreach (var page in Pages())
        {
            foreach (var target in Link().Matches(WithoutCode(File.ReadAllText(page))).Select(m => m.Groups[1].Value).Where(t => !t.Contains("://", StringComparison.Ordinal) && !t.StartsWith("mailto:", StringComparison.Ordinal)))
            {
                links++;
                var (path, heading) = target.Split('#', 2) is [var p, var h] ? (p, h) : (target, "");
                var file = path.Length == 0 ? page : Path.GetFullPath(Uri.UnescapeDataString(path), Path.GetDirectoryName(page)!);
                if (!Path.Exists(file) || (heading.Length > 0 && !Headings(file).Contains(heading)))
                {
                    broken.Add($"{Shown(page)}: {target}");
                }
            }
        }

        broken.ShouldBeEmpty();
        links.ShouldBeGreaterThan(5);
    }

    [Fact]
    public void Every_secops_command_that_a_page_shows_can_be_given()
    {
        var wrong = new List<string>();
        var commands = 0;
        foreach (var (page, line) in Commands())
        {
            commands++;
            var words = CommandLine.Split(line);
            var errors = Cli.Root(new Redactor()).Parse([.. words.Skip(1).Select(w => w == "…" ? "x" : w)]).Errors;
            wrong.AddRange(errors.Select(e => $"{Shown(page)}: $ {line}: {e.Message}"));
        }

        wrong.ShouldBeEmpty();
        commands.ShouldBeGreaterThanOrEqualTo(5);
    }

    [Theory]
    [InlineData("flask-app")]
    [InlineData("weather-app")]
    public void A_samples_configuration_can_be_read_and_its_stages_are_commands_that_there_are(string sample)
    {
        var configuration = SecOpsConfiguration.Parse(File.ReadAllText(Path.Combine(Parts.Repository, "samples", sample, SecOpsConfiguration.FileName)), sample, _ => null);
        configuration.Run.Stages.Count.ShouldBeGreaterThan(3);
        foreach (var stage in configuration.Run.Stages)
        {
            Cli.Root(new Redactor()).Parse([.. stage.Arguments]).Errors.Select(e => e.Message).ShouldBeEmpty(stage.Name);
        }
    }

    [Fact]
    public void A_heading_becomes_the_anchor_that_GitHub_makes_of_it() =>
        Anchor("The AWS emulator (moto 5.2.1), as `tried`").ShouldBe("the-aws-emulator-moto-521-as-tried");

    /// <summary>Lines <c>$ secops …</c> of console blocks, without what a shell would read: comment, pipe, redirection.</summary>
    private static IEnumerable<(string Page, string Line)> Commands() =>
        from page in Pages()
        from Match block in Block().Matches(File.ReadAllText(page))
        from line in block.Groups[1].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
        where line.StartsWith("$ secops", StringComparison.Ordinal)
        select (page, Shell().Split(line[2..])[0].Trim());

    private static IEnumerable<string> Pages() => Directory.EnumerateFiles(Parts.Repository, "*.md", SearchOption.AllDirectories)
        .Where(f => !Path.GetRelativePath(Parts.Repository, f).Split(Path.DirectorySeparatorChar).Any(Elsewhere.Contains));

    private static HashSet<string> Headings(string file) => !file.EndsWith(".md", StringComparison.Ordinal) ? []
        : [.. WithoutCode(File.ReadAllText(file)).Split('\n').Where(l => l.StartsWith('#')).Select(l => Anchor(l.TrimStart('#').Trim()))];

    private static string Anchor(string heading) => NotAnchor().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    private static string WithoutCode(string text) => AnyBlock().Replace(text, "");

    private static string Shown(string page) => Path.GetRelativePath(Parts.Repository, page);

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"```console\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"```.*?```", RegexOptions.Singleline)]
    private static partial Regex AnyBlock();

    [GeneratedRegex(@"\s+(?:[#|>;]|&&|2>)\s*")]
    private static partial Regex Shell();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotAnchor();
}
