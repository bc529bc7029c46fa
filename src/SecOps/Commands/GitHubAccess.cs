using SecOps.Configuration;
using SecOps.GitHub;
using SecOps.Processes;

namespace SecOps.Commands;

/// <summary>Where pull requests go and as whom. Checked before the long work begins; GitHub is first asked when there is something to bring.</summary>
/// <param name="Remote">Where branches are pushed, without any credential.</param>
/// <param name="Repository"><c>owner/name</c>.</param>
internal sealed record GitHubAccess(Uri Api, string Remote, string Repository, string? Token, GitHubApp? App)
{
    /// <summary>A workflow's own token: what it opens starts no workflow (https://docs.github.com/actions/concepts/security/github_token).</summary>
    public bool StartsNoWorkflows { get; private init; }

    /// <exception cref="SecOpsException">Something is missing (exit code 2).</exception>
    public static async Task<GitHubAccess> FindAsync(Workspace workspace, RemediateSection settings, string root, CancellationToken cancellation)
    {
        if (workspace.Options.Offline)
        {
            throw SecOpsException.Usage("--pr needs the network, which --offline forbids. Use --patch FILE.");
        }

        string? Variable(string name) => workspace.Variable(name) is { Length: > 0 } value ? value : null;
        GitHubApp? app = null;
        string? token = null;
        if (settings.App is { Id: not null } or { KeyVariable: not null })
        {
            var (id, name) = (settings.App.Id ?? throw SecOpsException.Usage("remediate.app has a privateKey and no id. The App's page on GitHub shows its id."), settings.App.KeyVariable);
            app = new GitHubApp(id, Variable(name ?? throw SecOpsException.Usage("remediate.app has an id and no privateKey. Name the variable that holds the key: privateKey: env:NAME."))
                ?? throw SecOpsException.Usage($"{name} is not set. It holds the private key of the GitHub App {id} (remediate.app.privateKey)."));
            workspace.Redactor.Add(app.PrivateKey);
            // A key that can't be read shows at once.
            _ = app.Sign(workspace.Clock.GetUtcNow());
        }
        else
        {
            token = Variable(settings.Token)
                ?? throw SecOpsException.Usage($"{settings.Token} is not set. It holds the token that pull requests are opened with: a fine-grained one with contents and pull requests: write. Or name a GitHub App in remediate.app.");
        }

        var remote = await RemoteAsync(workspace, root, cancellation);
        var repository = settings.Repository ?? Variable("GITHUB_REPOSITORY") ?? Named(remote);
        if (repository.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            throw SecOpsException.Usage($"{repository} is no repository on GitHub; write OWNER/NAME (remediate.repository).");
        }

        return new GitHubAccess(GitHubContext.Address(Variable("GITHUB_API_URL")), remote, repository, token, app)
        {
            StartsNoWorkflows = token is not null && Variable("GITHUB_ACTIONS") == "true" && (settings.Token == "GITHUB_TOKEN" || token == Variable("GITHUB_TOKEN")),
        };
    }

    /// <summary>The token itself, or the App's.</summary>
    public async Task<string> TokenAsync(Workspace workspace, CancellationToken cancellation) =>
        Token ?? await App!.TokenAsync(Api, Repository, workspace.Redactor, workspace.Clock, cancellation);

    private static async Task<string> RemoteAsync(Workspace workspace, string root, CancellationToken cancellation)
    {
        var result = await workspace.Processes.RunAsync(new ProcessCall("git", ["remote", "get-url", "--push", "origin"]) { WorkingDirectory = root }, cancellation);
        if (result.ExitCode != 0)
        {
            throw SecOpsException.Usage("the repository has no remote named origin to push branches to. Add one with: git remote add origin URL.");
        }

        var remote = result.Output.Trim();
        if (Uri.TryCreate(remote, UriKind.Absolute, out var address) && address.UserInfo.Length > 0 && address.Scheme is "https" or "http")
        {
            // It would stand in the arguments of git, where every user of the machine can read it; ours is used instead.
            workspace.Redactor.Add(address.UserInfo);
            remote = new UriBuilder(address) { UserName = "", Password = "" }.Uri.AbsoluteUri;
        }

        return remote;
    }

    private static string Named(string remote)
    {
        var path = remote.EndsWith(".git", StringComparison.Ordinal) ? remote[..^4] : remote;
        return path.Split('/', ':') is [.., { Length: > 0 } owner, { Length: > 0 } name] ? $"{owner}/{name}"
            : throw SecOpsException.Usage("which repository on GitHub this is can't be told from the remote; set remediate.repository to OWNER/NAME.");
    }
}
