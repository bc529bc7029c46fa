using System.Text.Json.Nodes;
using SecOps.Aws;

namespace SecOps.Delivery;

/// <summary>What the stand-in plays after an update.</summary>
internal enum Play { Success, Crash, PullFailure, CircuitBreaker, NeverStable, OtherDigest, SecondDeploy, BlueGreenRollback, BlueGreenSuccess }

/// <summary>An ECS that answers after its service model and plays a rollout; each look at the service is a step. Remembers every operation.</summary>
internal sealed class EcsStandIn : IDisposable
{
    public const string Arn = "arn:aws:ecs:us-east-1:123456789012:";
    public static readonly string OldDigest = "sha256:" + new string('1', 64);
    public static readonly string NewDigest = "sha256:" + new string('2', 64);
    public const string Repository = "registry.example/shop";

    private readonly StandIn server;
    private readonly Dictionary<string, JsonObject> definitions = [];
    private readonly List<JsonObject> deployments = [];
    private readonly List<JsonObject> events = [];
    private Play play;
    private int looks;
    private int revision = 1;

    public EcsStandIn(Play play)
    {
        this.play = play;
        definitions[Name(1)] = JsonNode.Parse($$"""
            {"taskDefinitionArn":"{{Name(1)}}","family":"shop","revision":1,"status":"ACTIVE","networkMode":"bridge","unknownToUs":{"kept":[1,2]},"registeredAt":1.0,"compatibilities":["EC2"],
             "containerDefinitions":[{"name":"web","image":"{{Repository}}@{{OldDigest}}","essential":true,"environment":[{"name":"DB_PASSWORD","value":"hunter2hunter2"}],"newField":"kept"},{"name":"sidecar","image":"registry.example/proxy:1"}]}
            """)!.AsObject();
        Deploy(1, "COMPLETED", running: 2);
        server = new StandIn(Reply);
    }

    public string Url => server.Url;

    public IReadOnlyList<string> Operations => server.Operations;

    /// <summary>Overrides answers: null lets the stand-in answer.</summary>
    public Func<Asked, int, Answer?> Fault { get; set; } = (_, _) => null;

    public string ServiceDefinition { get; private set; } = Name(1);

    public JsonObject Registered => definitions[Name(revision)];

    public static string Name(int revision) => $"{Arn}task-definition/shop:{revision}";

    public void Dispose() => server.Dispose();

    /// <summary>A deployment that is under way already.</summary>
    public void Busy() => deployments[0]["rolloutState"] = "IN_PROGRESS";

    private Answer Reply(Asked asked)
    {
        if (Fault(asked, server.Requests.Count) is { } fault)
        {
            return fault;
        }

        var input = asked.Body.Length > 0 && asked.Body[0] == '{' ? JsonNode.Parse(asked.Body)!.AsObject() : [];
        JsonNode? answer = asked.Operation switch
        {
            "DescribeServices" => new JsonObject { ["services"] = new JsonArray(Service()), ["failures"] = new JsonArray() },
            "DescribeTaskDefinition" => new JsonObject { ["taskDefinition"] = definitions[(string)input["taskDefinition"]!].DeepClone() },
            "RegisterTaskDefinition" => Register(input),
            "UpdateService" => Update(input),
            "ListTasks" => new JsonObject { ["taskArns"] = new JsonArray(JsonValue.Create($"{Arn}task/c/{(string?)input["desiredStatus"]}-1")) },
            "DescribeTasks" => Tasks(((string)input["tasks"]![0]!).Contains("STOPPED", StringComparison.Ordinal)),
            "ListServiceDeployments" => ServiceDeployments(input["status"] is not null),
            "DescribeServiceRevisions" => new JsonObject { ["serviceRevisions"] = new JsonArray([.. input["serviceRevisionArns"]!.AsArray().Select(a => new JsonObject { ["serviceRevisionArn"] = (string)a!, ["taskDefinition"] = ((string)a!).Replace("revision/", "task-definition/", StringComparison.Ordinal) })]) },
            "DescribeServiceDeployments" => new JsonObject { ["serviceDeployments"] = new JsonArray(ServiceDeployment()) },
            "GetLogEvents" => new JsonObject { ["events"] = new JsonArray(new JsonObject { ["message"] = "Traceback: no module named shop" }) },
            _ => null,
        };
        return answer is null ? Answer.Error("UnknownOperationException", asked.Operation) : new Answer(answer.ToJsonString());
    }

    private JsonObject Service()
    {
        looks++;
        if (revision > 1 && ServiceDefinition != Name(1))
        {
            Step();
        }
        else if (revision > 1 && deployments[0]["rolloutState"]!.ToString() == "IN_PROGRESS")
        {
            // The way back always works.
            deployments[0]["rolloutState"] = "COMPLETED";
            deployments.RemoveRange(1, deployments.Count - 1);
        }

        return JsonNode.Parse(new JsonObject
        {
            ["serviceArn"] = Arn + "service/c/shop", ["serviceName"] = "shop", ["clusterArn"] = Arn + "cluster/c", ["status"] = "ACTIVE",
            ["desiredCount"] = 2, ["runningCount"] = 2, ["taskDefinition"] = ServiceDefinition,
            ["deploymentController"] = new JsonObject { ["type"] = "ECS" },
            ["deploymentConfiguration"] = new JsonObject
            {
                ["deploymentCircuitBreaker"] = new JsonObject { ["enable"] = play == Play.CircuitBreaker, ["rollback"] = play == Play.CircuitBreaker },
                ["strategy"] = IsBlueGreen ? "BLUE_GREEN" : "ROLLING",
            },
            ["deployments"] = new JsonArray([.. deployments.Select(d => d.DeepClone())]),
            ["events"] = new JsonArray([.. events.Select(e => e.DeepClone())]),
        }.ToJsonString())!.AsObject();
    }

    private bool IsBlueGreen => play is Play.BlueGreenRollback or Play.BlueGreenSuccess;

    private int Since { get; set; }

    private void Step()
    {
        var step = looks - Since;
        var ours = deployments[0];
        switch (play)
        {
            case Play.Success or Play.OtherDigest when step >= 3:
                ours["rolloutState"] = "COMPLETED";
                ours["runningCount"] = 2;
                deployments.RemoveRange(1, deployments.Count - 1);
                Event("(service shop) has reached a steady state.");
                break;
            case Play.Crash or Play.PullFailure:
                ours["failedTasks"] = step;
                ours["runningCount"] = 0;
                break;
            case Play.CircuitBreaker when step == 2:
                ours["rolloutState"] = "FAILED";
                ours["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start.";
                break;
            case Play.CircuitBreaker when step == 3:
                Event("(service shop) rolling back to deployment.");
                ours["status"] = "INACTIVE";
                ServiceDefinition = Name(1);
                Deploy(1, "COMPLETED", running: 2);
                break;
            case Play.SecondDeploy when step == 2:
                revision++;
                ServiceDefinition = Name(revision);
                Deploy(revision, "IN_PROGRESS", running: 0);
                break;
        }
    }

    private void Event(string message)
    {
        if (events.TrueForAll(e => (string)e["message"]! != message))
        {
            events.Insert(0, new JsonObject { ["id"] = $"e{events.Count}", ["message"] = message });
        }
    }

    private JsonObject Register(JsonObject input)
    {
        revision++;
        var definition = input.DeepClone().AsObject();
        definition["taskDefinitionArn"] = Name(revision);
        definition["revision"] = revision;
        definitions[Name(revision)] = definition;
        return new JsonObject { ["taskDefinition"] = definition.DeepClone() };
    }

    private JsonObject Update(JsonObject input)
    {
        ServiceDefinition = (string)input["taskDefinition"]!;
        Since = looks;
        Deploy(int.Parse(ServiceDefinition.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture), "IN_PROGRESS", running: 0);
        return new JsonObject { ["service"] = Service() };
    }

    private void Deploy(int of, string state, int running)
    {
        foreach (var earlier in deployments)
        {
            earlier["status"] = "ACTIVE";
        }

        deployments.Insert(0, new JsonObject
        {
            ["id"] = $"ecs-svc/{deployments.Count + 1}-{of}", ["status"] = "PRIMARY", ["taskDefinition"] = Name(of), ["desiredCount"] = 2,
            ["runningCount"] = running, ["failedTasks"] = 0, ["rolloutState"] = state, ["createdAt"] = 1.7e9 + deployments.Count, ["updatedAt"] = 1.7e9,
        });
    }

    private JsonObject Tasks(bool stopped)
    {
        var digest = play == Play.OtherDigest && ServiceDefinition != Name(1) ? OldDigest : ServiceDefinition == Name(1) ? OldDigest : NewDigest;
        return JsonNode.Parse(stopped
            ? $$"""
              {"tasks":[{"taskArn":"{{Arn}}task/c/STOPPED-1","taskDefinitionArn":"{{Name(revision)}}","lastStatus":"STOPPED","desiredStatus":"STOPPED","stoppedAt":1.7e9,
                "stopCode":"{{(play == Play.PullFailure ? "TaskFailedToStart" : "EssentialContainerExited")}}","stoppedReason":"{{(play == Play.PullFailure ? "CannotPullContainerError: pull image manifest has been retried 5 time(s): not found" : "Essential container in task exited")}}",
                "containers":[{"name":"web"{{(play == Play.PullFailure ? "" : ",\"exitCode\":1")}} }]}]}
              """
            : $$"""
              {"tasks":[{"taskArn":"{{Arn}}task/c/RUNNING-1","taskDefinitionArn":"{{ServiceDefinition}}","lastStatus":"RUNNING","desiredStatus":"RUNNING","containers":[{"name":"web","imageDigest":"{{digest}}"},{"name":"sidecar","imageDigest":"sha256:0"}]}]}
              """)!.AsObject();
    }

    private JsonObject ServiceDeployments(bool successfulOnly)
    {
        var list = new JsonArray();
        if (IsBlueGreen)
        {
            list.Add(new JsonObject { ["serviceDeploymentArn"] = "d1", ["status"] = "SUCCESSFUL", ["createdAt"] = 1.0, ["targetServiceRevisionArn"] = Name(1).Replace("task-definition/", "revision/", StringComparison.Ordinal) });
            if (!successfulOnly && revision > 1)
            {
                list.Add(new JsonObject { ["serviceDeploymentArn"] = "d2", ["status"] = "IN_PROGRESS", ["createdAt"] = 2.0, ["targetServiceRevisionArn"] = Name(revision).Replace("task-definition/", "revision/", StringComparison.Ordinal) });
            }
        }

        return new JsonObject { ["serviceDeployments"] = list };
    }

    private JsonObject ServiceDeployment()
    {
        var step = looks - Since;
        var (status, stage) = play == Play.BlueGreenSuccess ? step < 5 ? ("IN_PROGRESS", "BAKE_TIME") : ("SUCCESSFUL", "CLEAN_UP")
            : step < 3 ? ("IN_PROGRESS", "TEST_TRAFFIC_SHIFT") : step < 5 ? ("ROLLBACK_IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT") : ("ROLLBACK_SUCCESSFUL", "CLEAN_UP");
        return new JsonObject { ["serviceDeploymentArn"] = "d2", ["status"] = status, ["lifecycleStage"] = stage, ["statusReason"] = status.StartsWith("ROLLBACK", StringComparison.Ordinal) ? "alarm 5xx went off" : null };
    }
}
