using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SecOps.StandIns.Ecs;

/// <summary>
/// An ECS that answers after its service model (https://docs.aws.amazon.com/AmazonECS/latest/APIReference) and plays a rollout:
/// each DescribeServices is a step of it. Remembers every operation.
/// </summary>
public sealed class EcsStandIn : IDisposable
{
    public const string Arn = "arn:aws:ecs:us-east-1:123456789012:";
    public const string Repository = "registry.example/shop";
    public static readonly string OldDigest = "sha256:" + new string('1', 64);
    public static readonly string NewDigest = "sha256:" + new string('2', 64);

    private readonly StandIn server;
    private readonly Dictionary<string, JsonObject> definitions = [];
    private readonly Dictionary<string, int> revisions = [];
    private readonly Dictionary<string, ServiceState> services = [];

    /// <summary>With the service <c>shop</c> in the cluster <c>c</c>, which runs <c>shop:1</c>.</summary>
    public EcsStandIn(Play play)
        : this(play, 0)
    {
        var definition = JsonNode.Parse($$"""
            {"family":"shop","networkMode":"bridge","unknownToUs":{"kept":[1,2]},
             "containerDefinitions":[{"name":"web","image":"{{Repository}}@{{OldDigest}}","essential":true,"environment":[{"name":"DB_PASSWORD","value":"hunter2hunter2"}],"newField":"kept"},{"name":"sidecar","image":"registry.example/proxy:1"}]}
            """)!.AsObject();
        Seed(definition, "c", "shop");
    }

    /// <summary>Empty; filled with RegisterTaskDefinition and CreateService.</summary>
    public EcsStandIn(Play play, int port)
    {
        Play = play;
        server = new StandIn(Reply, port);
    }

    public string Url => server.Url;

    public IReadOnlyList<string> Operations => server.Operations;

    /// <summary>Overrides answers; null lets the stand-in answer. The number counts requests from 1.</summary>
    public Func<Asked, int, Answer?> Fault { get; set; } = (_, _) => null;

    /// <summary>Off: service deployments are refused, as without the permission for them.</summary>
    public bool HasServiceDeployments { get; set; } = true;

    /// <summary>How the next rollout goes.</summary>
    public Play Play { get; set; }

    /// <summary>The task definition of the one service.</summary>
    public string ServiceDefinition => services.Values.Single().Definition;

    /// <summary>What was registered last, as it was sent, with its tags.</summary>
    public JsonObject Registered => definitions[Name(revisions["shop"])];

    public static string Name(int revision) => $"{Arn}task-definition/shop:{revision}";

    /// <summary>A service that runs this task definition since long.</summary>
    public void Seed(JsonObject definition, string cluster, string service)
    {
        var arn = Register(definition);
        Create(new JsonObject { ["cluster"] = cluster, ["serviceName"] = service, ["taskDefinition"] = arn, ["desiredCount"] = 2 });
    }

    public void Dispose() => server.Dispose();

    /// <summary>A task definition as it was registered, with its tags.</summary>
    public JsonObject Definition(string arn) => definitions[arn];

    /// <summary>Changes what the one service runs.</summary>
    public void Change(Action<JsonObject> change) => change(definitions[ServiceDefinition]);

    /// <summary>The rollout that is under way goes on as <see cref="Play"/> says now.</summary>
    public void Replay() => services.Values.Single().Replay(Play);

    /// <summary>A deployment that is under way already.</summary>
    public void Busy() => services.Values.Single().Deployments[0]["rolloutState"] = "IN_PROGRESS";

    private Answer Reply(Asked asked)
    {
        if (asked.Method == "GET")
        {
            return new Answer(string.Concat(server.Operations.Where(o => o.Length > 0).Select(o => o + "\n"))) { ContentType = "text/plain" };
        }

        var fault = Fault(asked, server.Requests.Count);
        if (fault is { Late: false })
        {
            return fault;
        }

        var input = asked.Body.StartsWith('{') ? JsonNode.Parse(asked.Body)!.AsObject() : [];
        try
        {
            var answer = Answer(asked.Operation, input);
            return fault ?? (answer is null ? StandIns.Answer.Error("UnknownOperationException", asked.Operation) : new Answer(answer.ToJsonString()));
        }
        catch (EcsErrorException e)
        {
            return StandIns.Answer.Error(e.Code, e.Message, e.Code == "AccessDeniedException" ? 403 : 400);
        }
    }

    private JsonObject? Answer(string operation, JsonObject input)
    {
        if (!HasServiceDeployments && (operation.Contains("ServiceDeployment", StringComparison.Ordinal) || operation.Contains("ServiceRevision", StringComparison.Ordinal)))
        {
            throw new EcsErrorException("AccessDeniedException", $"User: arn:aws:iam::123456789012:user/a is not authorized to perform: ecs:{operation}");
        }

        return operation switch
        {
            "CreateCluster" => new JsonObject { ["cluster"] = new JsonObject { ["clusterName"] = input["clusterName"]?.DeepClone(), ["status"] = "ACTIVE" } },
            "CreateService" => new JsonObject { ["service"] = Create(input).Describe() },
            "RegisterTaskDefinition" => new JsonObject { ["taskDefinition"] = Described(Register(input)), ["tags"] = input["tags"]?.DeepClone() ?? new JsonArray() },
            "DescribeTaskDefinition" => Find(Text(input["taskDefinition"])) is var arn ? new JsonObject { ["taskDefinition"] = Described(arn), ["tags"] = Texts(input["include"]).Contains("TAGS") ? definitions[arn]["tags"]?.DeepClone() ?? new JsonArray() : null } : null,
            "DescribeServices" => DescribeServices(input),
            "UpdateService" => Update(input),
            "ListTasks" => new JsonObject { ["taskArns"] = new JsonArray([.. Service(input["cluster"], input["serviceName"]).Tasks(Text(input["desiredStatus"])).Select(t => JsonValue.Create(t))]) },
            "DescribeTasks" => new JsonObject { ["tasks"] = new JsonArray([.. Texts(input["tasks"]).Select(Task)]), ["failures"] = new JsonArray() },
            "ListServiceDeployments" => new JsonObject { ["serviceDeployments"] = new JsonArray([.. Service(input["cluster"], input["service"]).ServiceDeployments.Where(d => Texts(input["status"]).ToList() is var wanted && (wanted.Count == 0 || wanted.Contains(Text(d["status"])))).Select(Brief)]) },
            "DescribeServiceDeployments" => new JsonObject { ["serviceDeployments"] = new JsonArray([.. services.Values.SelectMany(s => s.ServiceDeployments).Where(d => Texts(input["serviceDeploymentArns"]).Contains(Text(d["serviceDeploymentArn"]))).Select(d => d.DeepClone())]) },
            "DescribeServiceRevisions" => new JsonObject { ["serviceRevisions"] = new JsonArray([.. Texts(input["serviceRevisionArns"]).Select(a => new JsonObject { ["serviceRevisionArn"] = a, ["taskDefinition"] = services.Values.Select(s => s.Revisions.GetValueOrDefault(a)).First(d => d is not null) })]) },
            "StopServiceDeployment" => Stop(input),
            "GetLogEvents" => new JsonObject { ["events"] = new JsonArray(new JsonObject { ["message"] = "Traceback: no module named shop" }) },
            _ => null,
        };
    }

    private string Register(JsonObject input)
    {
        var family = Text(input["family"]);
        if (family.Length == 0 || input["containerDefinitions"] is not JsonArray { Count: > 0 })
        {
            throw new EcsErrorException("ClientException", "Container list cannot be empty.");
        }

        var revision = revisions[family] = revisions.GetValueOrDefault(family) + 1;
        var arn = $"{Arn}task-definition/{family}:{revision}";
        definitions[arn] = input.DeepClone().AsObject();
        return arn;
    }

    /// <summary>With what only ECS writes.</summary>
    private JsonObject Described(string arn)
    {
        var definition = definitions[arn].DeepClone().AsObject();
        definition.Remove("tags");
        definition["taskDefinitionArn"] = arn;
        definition["revision"] = int.Parse(arn.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture);
        definition["status"] = "ACTIVE";
        definition["registeredAt"] = 1.7e9;
        definition["compatibilities"] = new JsonArray("EC2");
        return definition;
    }

    /// <summary>An ARN, <c>family:revision</c>, or a family, whose newest revision it is.</summary>
    private string Find(string name)
    {
        var arn = name.StartsWith("arn:", StringComparison.Ordinal) ? name : $"{Arn}task-definition/{name}";
        arn = definitions.ContainsKey(arn) ? arn : $"{arn}:{revisions.GetValueOrDefault(name)}";
        return definitions.ContainsKey(arn) ? arn : throw new EcsErrorException("ClientException", "Unable to describe task definition.");
    }

    private ServiceState Create(JsonObject input)
    {
        var state = new ServiceState(input, Find(Text(input["taskDefinition"])));
        return services[$"{state.Cluster}/{state.Name}"] = state;
    }

    private ServiceState Service(JsonNode? cluster, JsonNode? service)
    {
        var (c, s) = (Short(cluster), Short(service));
        return services.Values.All(v => v.Cluster != c) ? throw new EcsErrorException("ClusterNotFoundException", "Cluster not found.")
            : services.GetValueOrDefault($"{c}/{s}") ?? throw new EcsErrorException("ServiceNotFoundException", "Service not found.");
    }

    private JsonObject DescribeServices(JsonObject input)
    {
        var (found, missing) = (new JsonArray(), new JsonArray());
        foreach (var name in Texts(input["services"]))
        {
            try
            {
                var service = Service(input["cluster"], name);
                if (service.Step() is { } other)
                {
                    // Somebody else deploys the same thing again.
                    var definition = Register(definitions[other].DeepClone().AsObject());
                    service.Update(definition, Play.Success);
                }

                found.Add((JsonNode)service.Describe());
            }
            catch (EcsErrorException e) when (e.Code == "ServiceNotFoundException")
            {
                missing.Add((JsonNode)new JsonObject { ["arn"] = name, ["reason"] = "MISSING" });
            }
        }

        return new JsonObject { ["services"] = found, ["failures"] = missing };
    }

    private JsonObject Update(JsonObject input)
    {
        var service = Service(input["cluster"], input["service"]);
        service.Update(Find(Text(input["taskDefinition"])), Play);
        return new JsonObject { ["service"] = service.Describe() };
    }

    private JsonObject Stop(JsonObject input)
    {
        var arn = Text(input["serviceDeploymentArn"]);
        var service = services.Values.FirstOrDefault(s => s.ServiceDeployments.Exists(d => Text(d["serviceDeploymentArn"]) == arn)) ?? throw new EcsErrorException("ServiceDeploymentNotFoundException", "Service deployment not found.");
        service.Stop(arn, rollback: Text(input["stopType"]) != "ABORT");
        return new JsonObject { ["serviceDeploymentArn"] = arn };
    }

    private JsonNode Task(string arn)
    {
        var service = services.Values.First(s => s.OwnsTask(arn));
        var definition = service.DefinitionOf(arn);
        var stopped = arn.Contains("-stopped-", StringComparison.Ordinal);
        var containers = TaskContainers(definitions[definition], service.RunsOtherDigest(definition), stopped ? service.Fails : null);
        var task = new JsonObject
        {
            ["taskArn"] = arn, ["clusterArn"] = $"{Arn}cluster/{service.Cluster}", ["taskDefinitionArn"] = definition, ["startedBy"] = "ecs-svc/1",
            ["lastStatus"] = stopped ? "STOPPED" : "RUNNING", ["desiredStatus"] = stopped ? "STOPPED" : "RUNNING", ["containers"] = containers, ["createdAt"] = 1.7e9,
        };
        if (stopped)
        {
            task["stoppedAt"] = 1.7e9;
            task["stopCode"] = service.Fails == Play.PullFailure ? "TaskFailedToStart" : "EssentialContainerExited";
            task["stoppedReason"] = service.Fails == Play.PullFailure ? "CannotPullContainerError: pull image manifest has been retried 5 time(s): not found" : "Essential container in task exited";
        }

        return task;
    }

    private static JsonArray TaskContainers(JsonObject definition, bool other, Play? stopped) => new([.. definition["containerDefinitions"]!.AsArray().Select((c, i) =>
    {
        var image = Text(c!["image"]);
        var container = new JsonObject { ["name"] = Text(c["name"]), ["image"] = image, ["lastStatus"] = stopped is null ? "RUNNING" : "STOPPED" };
        if (stopped is not Play.PullFailure)
        {
            container["imageDigest"] = other ? OldDigest : image.Contains('@', StringComparison.Ordinal) ? image[(image.IndexOf('@', StringComparison.Ordinal) + 1)..] : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image)));
        }

        if (stopped is not null and not Play.PullFailure && i == 0)
        {
            container["exitCode"] = 1;
        }

        return (JsonNode)container;
    })]);

    private static JsonNode Brief(JsonObject deployment)
    {
        var brief = new JsonObject { ["targetServiceRevisionArn"] = deployment["targetServiceRevision"]!["arn"]!.DeepClone() };
        foreach (var name in new[] { "serviceDeploymentArn", "serviceArn", "clusterArn", "status", "statusReason", "createdAt", "startedAt", "finishedAt" })
        {
            brief[name] = deployment[name]?.DeepClone();
        }

        return brief;
    }

    internal static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private static string Short(JsonNode? name) => Text(name).Split('/')[^1] is { Length: > 0 } text ? text : "default";

    private static IEnumerable<string> Texts(JsonNode? node) => (node as JsonArray ?? []).Select(Text);
}

internal sealed class EcsErrorException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
