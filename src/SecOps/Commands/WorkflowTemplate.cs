using System.Text;
using System.Text.RegularExpressions;
using SecOps.Configuration;
using SecOps.Toolbox;

namespace SecOps.Commands;

/// <summary>
/// The text of a GitHub workflow that runs the stages of <c>secops.yml</c>, a step each: actions pinned by commit, least permissions,
/// a role in AWS instead of keys, results kept on every run.
/// </summary>
internal sealed partial class WorkflowTemplate
{
    private const string Checkout = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2";
    private const string SetupDotnet = "actions/setup-dotnet@67a3573c9a986a3f9c594539f4ab511d57bb3ce9 # v4.3.1";
    private const string Upload = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2";
    private const string Download = "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0";
    private const string Cache = "actions/cache@5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3";
    private const string Credentials = "aws-actions/configure-aws-credentials@b47578312673ae6fa5b5096b330d9fbac3d116df # v4.2.1";
    private const string OnPush = "github.event_name == 'push'";

    private readonly ProjectFacts project;
    private readonly SecOpsConfiguration configuration;
    private readonly Dictionary<string, IReadOnlyList<string>> secrets;
    private readonly List<RunStage> judging;
    private readonly List<RunStage> delivering;
    private readonly StringBuilder text = new();

    private WorkflowTemplate(ProjectFacts project, string settings)
    {
        this.project = project;
        configuration = SecOpsConfiguration.Parse(settings, SecOpsConfiguration.FileName, _ => null);
        // A section's variables are for the command of its name.
        secrets = Section().Matches(Comment().Replace(settings.Replace("\r\n", "\n", StringComparison.Ordinal), "")).ToDictionary(
            m => m.Groups[1].Value, IReadOnlyList<string> (m) => [.. Secret().Matches(m.Value).Select(n => n.Groups[1].Value).Where(n => n != "GITHUB_TOKEN").Distinct()]);
        var stages = configuration.Run.Stages.Count > 0 ? configuration.Run.Stages : [new RunStage("scan", ["scan", "."], []), new RunStage("report", ["report", "--format", "html,sarif"], ["scan"], Always: true)];
        // What only looks runs for every pull request; what changes something, and what follows that, for pushes alone.
        judging = [];
        foreach (var stage in stages.Where(s => s.Arguments[0] is "scan" or "report" or "doctor" && !s.Arguments.Contains("--image")))
        {
            if (stage.Needs!.All(n => judging.Exists(j => j.Name == n)))
            {
                judging.Add(stage);
            }
        }

        delivering = [.. stages.Except(judging)];
    }

    /// <param name="settings">The text of <c>secops.yml</c>.</param>
    public static string Write(ProjectFacts project, string settings) => new WorkflowTemplate(project, settings).Write();

    private string Write()
    {
        text.Append($"""
            # Written by "secops init --workflow": the stages of {project.Prefix}secops.yml, a step each, as "secops run" does them at your desk.
            name: {(project.Prefix.Length == 0 ? "secops" : "secops " + project.Prefix.TrimEnd('/'))}

            on:
              push:
                branches: [main]
              pull_request:

            permissions:
              contents: read
            {(project.Prefix.Length == 0 ? "" : $"\ndefaults:\n  run:\n    working-directory: {project.Prefix.TrimEnd('/')}\n")}
            jobs:

            """);
        if (project.Files >= ProjectFacts.ManyFiles)
        {
            Sharded();
        }
        else
        {
            Job("scan", null, null, ReportPermissions, judging);
            Prepare();
            Stages(judging, aws: judging.Exists(UsesAws));
            Tell();
            Keep("secops");
        }

        if (delivering.Count > 0)
        {
            Deliver();
        }

        return text.ToString();
    }

    private static readonly string[] ReportPermissions = ["security-events: write   # code scanning", "pull-requests: write     # one comment with the verdict", "checks: write"];

    /// <summary>The scan in four jobs, whose results are merged and judged in a fifth.</summary>
    private void Sharded()
    {
        var scan = judging.Find(s => s.Arguments[0] == "scan") ?? new RunStage("scan", ["scan", "."], []);
        text.Append("""
              scan:
                runs-on: ubuntu-latest
                strategy:
                  fail-fast: false
                  matrix:
                    shard: [1, 2, 3, 4]
                steps:

            """);
        Prepare();
        text.Append($$$"""
                  # Only the merged result is judged: a shard whose gate fails (exit code 1) is no failed job.
                  - run: secops {{{CommandLine.Show(scan.Arguments)}}} --shard ${{ matrix.shard }}/4 || [ $? -eq 1 ]

            """);
        Keep("secops-${{ matrix.shard }}");
        Job("merge", "scan", "always()", ReportPermissions, judging);
        Prepare();
        text.Append($"""
                  - uses: {Download}
                    with:
                      pattern: secops-*
                      path: {project.Prefix}shards
                  - name: {scan.Name}
                    run: secops report merge shards/*/findings.json --output-file .secops/findings.json

            """);
        Stages([.. judging.Where(s => s != scan)], aws: judging.Exists(UsesAws));
        Tell();
        Keep("secops");
    }

    /// <summary>What changes something: for pushes to the branch alone, one at a time, with the verdict of the job before.</summary>
    private void Deliver()
    {
        var aws = delivering.Exists(UsesAws);
        var pushesBack = configuration.Build.Version.Push;
        Job("deliver", Judge, RunsAlways ? "always() && " + OnPush : OnPush, pushesBack ? ["contents: write           # the raised version goes back"] : [], delivering, "    concurrency:\n      group: deliver\n      cancel-in-progress: false\n");
        Prepare(pushesBack);
        text.Append($"""
                  - uses: {Download}
                    with:
                      name: secops
                      path: {project.Prefix}.secops

            """);
        if (pushesBack)
        {
            text.Append("      - run: git config user.name secops && git config user.email secops@users.noreply.github.com\n");
        }

        Stages(delivering, aws);
        Keep("secops-delivered");
    }

    private string Judge => project.Files >= ProjectFacts.ManyFiles ? "merge" : "scan";

    /// <summary>Something is to be told or mended also when the job before has refused.</summary>
    private bool RunsAlways => delivering.Exists(s => s.Always);

    private void Job(string name, string? needs, string? condition, string[] permissions, List<RunStage> stages, string more = "")
    {
        text.Append($"  {name}:\n");
        text.Append(needs is null ? "" : $"    needs: {needs}\n");
        text.Append(condition is null ? "" : $"    if: {condition}\n");
        text.Append("    runs-on: ubuntu-latest\n").Append(more).Append("    permissions:\n");
        IEnumerable<string> granted = permissions.Any(p => p.StartsWith("contents:", StringComparison.Ordinal)) ? permissions : ["contents: read", .. permissions];
        foreach (var permission in stages.Exists(UsesAws) ? granted.Append("id-token: write          # a role in AWS instead of keys") : granted)
        {
            text.Append($"      {permission}\n");
        }

        text.Append("    steps:\n");
    }

    /// <param name="keepsToken">The checkout keeps its token, for the push of the version.</param>
    private void Prepare(bool keepsToken = false)
    {
        text.Append($$$"""
                  - uses: {{{Checkout}}}
                    with:
                      fetch-depth: 0
                      persist-credentials: {{{(keepsToken ? "true   # for the push of the raised version" : "false")}}}
                  - uses: {{{SetupDotnet}}}
                    with:
                      dotnet-version: 10.0.x
                  - uses: {{{Cache}}}
                    with:
                      path: |
                        ~/.local/share/secops/tools
                        {{{project.Prefix}}}.secops/cache
                      key: secops-${{ runner.os }}-${{ github.run_id }}
                      restore-keys: secops-${{ runner.os }}-
                  - run: dotnet tool install --global secops

            """);
        var tools = configuration.Gate.Require.Concat(project.Python ? ["bandit"] : Array.Empty<string>()).Distinct().Where(n => ToolLock.Own.Find(n) is not null).Order(StringComparer.Ordinal).ToList();
        if (tools.Count > 0)
        {
            text.Append($"      - run: secops tools install {string.Join(' ', tools)}\n");
        }
    }

    private void Stages(List<RunStage> stages, bool aws)
    {
        if (aws)
        {
            text.Append($$$"""
                      - uses: {{{Credentials}}}
                        if: {{{OnPush}}}
                        with:
                          role-to-assume: ${{ vars.AWS_ROLE }}
                          aws-region: ${{ vars.AWS_REGION }}

                """);
        }

        foreach (var stage in stages)
        {
            var names = secrets.GetValueOrDefault(stage.Arguments[0], []);
            text.Append($"      - name: {stage.Name}\n");
            text.Append(Condition(stage, names.Count > 0) is { Length: > 0 } condition ? $"        if: {condition}\n" : "");
            text.Append($"        run: secops {CommandLine.Show(stage.Arguments)}\n");
            Variables(names, stage.Arguments[0] == "remediate" || stage.Arguments.Contains("github"));
        }
    }

    private string Condition(RunStage stage, bool hasSecrets)
    {
        if (delivering.Contains(stage))
        {
            return stage.Always ? "always()" : RunsAlways ? $"success() && needs.{Judge}.result == 'success'" : "";
        }

        // A pull request from a fork has neither secrets nor a role.
        return string.Join(" && ", new[] { stage.Always ? "always()" : null, UsesAws(stage) || hasSecrets ? OnPush : null }.OfType<string>());
    }

    private void Variables(IReadOnlyList<string> names, bool token)
    {
        if (names.Count == 0 && !token)
        {
            return;
        }

        text.Append("        env:\n");
        foreach (var name in names)
        {
            text.Append($"          {name}: ${{{{ secrets.{name} }}}}\n");
        }

        text.Append(token ? "          GITHUB_TOKEN: ${{ github.token }}\n" : "");
    }

    /// <summary>The verdict where people look on GitHub: whatever it is.</summary>
    private void Tell()
    {
        if (judging.Exists(s => s.Arguments.Contains("github")))
        {
            return;
        }

        text.Append("""
                  - name: tell GitHub
                    if: always()
                    run: secops report --to github
                    env:
                      GITHUB_TOKEN: ${{ github.token }}

            """);
    }

    private void Keep(string name) => text.Append($"""
                  - if: always()
                    uses: {Upload}
                    with:
                      name: {name}
                      path: {project.Prefix}.secops
                      include-hidden-files: true

            """);

    private bool UsesAws(RunStage stage) => stage.Arguments[0] switch
    {
        "deploy" => true,
        "push" => stage.Arguments.Concat([configuration.Build.Image ?? "", configuration.Push.Repository ?? ""]).Any(a => a.Contains(".amazonaws.com", StringComparison.Ordinal)) || configuration.Push.EcrRegion is not null,
        "scan" => stage.Arguments.Contains("--aws"),
        "report" => stage.Arguments.Any(a => a.Split(',').Contains("s3")),
        "remediate" => configuration.Remediate.Model is not null || configuration.Remediate.SnapshotBucket is not null,
        _ => false,
    };

    [GeneratedRegex(@"\benv:([A-Za-z_][A-Za-z0-9_]*)")]
    private static partial Regex Secret();

    /// <summary>A key at the margin, with all that is indented below it.</summary>
    [GeneratedRegex(@"^(\w+):.*\n?(?:(?:[ \t-].*)?\n?)*", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"(^|\s)#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
