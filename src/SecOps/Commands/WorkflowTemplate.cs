namespace SecOps.Commands;

/// <summary>The text of a GitHub workflow: actions pinned by commit, least permissions, results kept on every run.</summary>
internal static class WorkflowTemplate
{
    private const string Checkout = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2";
    private const string SetupDotnet = "actions/setup-dotnet@67a3573c9a986a3f9c594539f4ab511d57bb3ce9 # v4.3.1";
    private const string Upload = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2";
    private const string Download = "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0";
    private const string Cache = "actions/cache@5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3";

    public static string Write(ProjectFacts project) => project.Files >= ProjectFacts.ManyFiles ? Sharded(project) : Single(project);

    private static string Head => """
        # Written by "secops init --workflow". It runs what "secops scan" and "secops report" run at your desk.
        name: secops

        on:
          push:
            branches: [main]
          pull_request:

        permissions:
          contents: read

        jobs:

        """;

    private static string Prepare(ProjectFacts project) => $"""
              - uses: {Checkout}
                with:
                  fetch-depth: 0
                  persist-credentials: false
              - uses: {SetupDotnet}
                with:
                  dotnet-version: 10.0.x
              - uses: {Cache}
                with:
                  path: |
                    ~/.local/share/secops/tools
                    .secops/cache
                  key: secops-${"{{ runner.os }}"}-${"{{ github.run_id }}"}
                  restore-keys: secops-${"{{ runner.os }}"}-
              - run: dotnet tool install --global secops
        {(project.Python ? "      - run: secops tools install bandit\n" : "")}
        """.TrimEnd() + "\n";

    private static string Single(ProjectFacts project) => Head + $"""
          scan:
            runs-on: ubuntu-latest
            permissions:
              contents: read
              security-events: write   # code scanning
              pull-requests: write     # one comment with the verdict
              checks: write
              # id-token: write        # for aws-actions/configure-aws-credentials: a role instead of keys
            steps:
        {Prepare(project)}      - run: secops scan .
              # The gate's verdict does not keep the report from being made.
              - if: always()
                run: secops report --format html,sarif --to github
                env:
                  GITHUB_TOKEN: ${"{{ github.token }}"}
              - if: always()
                uses: {Upload}
                with:
                  name: secops
                  path: .secops
                  include-hidden-files: true

        """;

    private static string Sharded(ProjectFacts project) => Head + $"""
          scan:
            runs-on: ubuntu-latest
            strategy:
              fail-fast: false
              matrix:
                shard: [1, 2, 3, 4]
            steps:
        {Prepare(project)}      # Only the merged result is judged: a shard whose gate fails (exit code 1) is no failed job.
              - run: secops scan . --shard ${"{{ matrix.shard }}"}/4 || [ $? -eq 1 ]
              - if: always()
                uses: {Upload}
                with:
                  name: secops-${"{{ matrix.shard }}"}
                  path: .secops
                  include-hidden-files: true
          merge:
            needs: scan
            if: always()
            runs-on: ubuntu-latest
            permissions:
              contents: read
              security-events: write   # code scanning
              pull-requests: write     # one comment with the verdict
              checks: write
            steps:
        {Prepare(project)}      - uses: {Download}
                with:
                  pattern: secops-*
                  path: shards
              - run: secops report merge shards/*/findings.json --output-file .secops/findings.json
              - if: always()
                run: secops report --format html,sarif --to github
                env:
                  GITHUB_TOKEN: ${"{{ github.token }}"}
              - if: always()
                uses: {Upload}
                with:
                  name: secops
                  path: .secops
                  include-hidden-files: true

        """;
}
