using System.Text;
using SecOps.Aws;
using SecOps.Configuration;
using SecOps.Delivery.Attest;
using SecOps.Delivery.Push;
using SecOps.Docker;
using SecOps.Registry;

namespace SecOps.Commands;

/// <summary>The remotes of one push, wired from the configuration; each opened when first needed.</summary>
internal sealed class PushRemotes(Workspace workspace, PushOptions options) : IDisposable
{
    private readonly Dictionary<string, AwsClients> aws = new(StringComparer.Ordinal);
    private DockerClient? docker;

    public SecOpsConfiguration Configuration { get; } = workspace.Configuration(workspace.Directory);

    public PushSection Section => Configuration.Push;

    public DockerClient Docker => docker ??= new DockerClient(DockerEndpoint.Find(workspace.Variable));

    public AttestSection Attest => options.Key is { } key ? Section.Attest with { Key = key, Kms = null } : Section.Attest;

    /// <param name="region">Null: <c>--region</c>, or as the AWS tools find it. The registry and the key may each have their own.</param>
    public AwsClients Aws(string? region)
    {
        var at = AwsSettings.ResolveRegion(region ?? options.Region, workspace.Variable);
        return aws.TryGetValue(at, out var clients) ? clients : aws[at] = new AwsClients(new AwsSettings { Region = at, Variable = workspace.Variable });
    }

    /// <summary>Null when the registry is not ECR.</summary>
    public EcrRegistry? Ecr(ImageReference image) => EcrRegistry.Locate(image.Registry) is var (account, region) ? new EcrRegistry(Aws(region), account)
        : Section.EcrRegion is { } named ? new EcrRegistry(Aws(named), null)
        : null;

    public RegistryLogin Login(ImageReference image, EcrRegistry? ecr)
    {
        var user = Section.Username ?? Set("SECOPS_REGISTRY_USERNAME");
        var password = Section.PasswordVariable is { } name
            ? Set(name) ?? throw SecOpsException.Usage($"push.password names the environment variable {name}, which is not set.")
            : Set("SECOPS_REGISTRY_PASSWORD");
        var given = user is not null && password is not null
            ? new RegistryCredential(user, password, Section.PasswordVariable is null ? "SECOPS_REGISTRY_PASSWORD" : "environment variable " + Section.PasswordVariable)
            : null;
        return new RegistryLogin(given, ecr, workspace.Variable, workspace.Processes, workspace.Redactor);
    }

    public RegistryClient Registry(ImageReference image, RegistryLogin login) => new(image.Registry, login, workspace.Redactor, workspace.Clock);

    public Cosign Cosign(RegistryCredential? credential)
    {
        var section = Section.Cosign;
        var variables = new Dictionary<string, string?>();
        if (section.PasswordVariable is { } name)
        {
            variables["COSIGN_PASSWORD"] = Secret(name, "push.cosign.password");
        }

        var settings = new CosignSettings(Key(section.Key), Key(section.PublicKey), section.TransparencyLog, variables);
        return new Cosign(settings, credential, Docker.Endpoint, workspace.Variable, workspace.Processes);
    }

    public ContentTrust ContentTrust(RegistryCredential? credential)
    {
        var section = Section.ContentTrust;
        var settings = new ContentTrustSettings(
            section.Server ?? Set("DOCKER_CONTENT_TRUST_SERVER"), section.Signer,
            section.KeyVariable is { } key ? Pem(Secret(key, "push.dct.key"), key) : null,
            section.PassphraseVariable is { } passphrase ? Decoded(Secret(passphrase, "push.dct.passphrase"), passphrase) : null,
            section.RootPassphraseVariable is { } root ? Decoded(Secret(root, "push.dct.rootPassphrase"), root) : null);
        return new ContentTrust(settings, credential, Docker.Endpoint, workspace.Variable, workspace.Processes);
    }

    public void Dispose()
    {
        foreach (var clients in aws.Values)
        {
            clients.Dispose();
        }

        docker?.Dispose();
    }

    /// <summary><c>env:NAME</c> as cosign writes it.</summary>
    private static string? Key(string? key) => key is not null && key.StartsWith("env:", StringComparison.Ordinal) && !key.StartsWith("env://", StringComparison.Ordinal) ? "env://" + key[4..] : key;

    private string Secret(string name, string key)
    {
        var value = Set(name) ?? throw SecOpsException.Usage($"{key} names the environment variable {name}, which is not set.");
        workspace.Redactor.Add(value);
        return value;
    }

    private string Pem(string value, string name) => value.Contains("-----BEGIN", StringComparison.Ordinal) ? value : FromBase64(value, name);

    private string Decoded(string value, string name) => value.StartsWith("base64:", StringComparison.Ordinal) ? FromBase64(value["base64:".Length..], name) : value;

    private string FromBase64(string value, string name)
    {
        try
        {
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(value.Trim()));
            workspace.Redactor.Add(text);
            return text;
        }
        catch (FormatException)
        {
            throw SecOpsException.Usage($"the environment variable {name} does not hold base64.");
        }
    }

    private string? Set(string name) => workspace.Variable(name) is { Length: > 0 } value ? value : null;
}
