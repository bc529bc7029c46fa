using System.Text.Json.Nodes;

namespace SecOps.StandIns.Ecs;

/// <summary>One service: its deployments, service deployments, events and tasks, and the rollout that it plays.</summary>
internal sealed class ServiceState
{
    private readonly JsonObject json;
    private readonly List<JsonObject> events = [];
    private readonly HashSet<string> completed = [];
    private Play play;
    private string before;
    private int step;
    private int count;
    private bool underWay;
    private bool goingBack;

    /// <param name="input">As for CreateService.</param>
    /// <param name="definition">ARN. It is taken as rolled out.</param>
    public ServiceState(JsonObject input, string definition)
    {
        json = input.DeepClone().AsObject();
        Cluster = EcsStandIn.Text(input["cluster"]).Split('/')[^1] is { Length: > 0 } cluster ? cluster : "default";
        Name = EcsStandIn.Text(input["serviceName"]);
        Desired = (int?)input["desiredCount"] ?? 1;
        Definition = before = definition;
        Deploy(definition);
        Complete();
    }

    public string Cluster { get; }

    public string Name { get; }

    public string Definition { get; private set; }

    /// <summary>Newest first.</summary>
    public List<JsonObject> Deployments { get; } = [];

    /// <summary>Oldest first: the order is not promised.</summary>
    public List<JsonObject> ServiceDeployments { get; } = [];

    /// <summary>Service revision to task definition.</summary>
    public Dictionary<string, string> Revisions { get; } = [];

    /// <summary>How its tasks fail, if they do.</summary>
    public Play? Fails => play is Play.Crash or Play.PullFailure or Play.CircuitBreaker or Play.CircuitBreakerAlone or Play.RollbackFails or Play.BlueGreenCrash ? play : null;

    private int Desired { get; }

    private string ServiceArn => $"{EcsStandIn.Arn}service/{Cluster}/{Name}";

    private JsonObject Ours => ServiceDeployments[^1];

    public void Update(string definition, Play how)
    {
        if (underWay)
        {
            (Ours["status"], Ours["statusReason"]) = ("STOPPED", "Superseded by a newer deployment.");
        }

        (before, step, goingBack) = (Definition, 0, false);
        // Only RollbackFails plays on the way back.
        play = completed.Contains(definition) && how != Play.RollbackFails ? Stages.Of(how).Length > 0 ? Play.BlueGreen : Play.Success : how;
        Deploy(definition);
        underWay = true;
    }

    public void Replay(Play how) => (play, step) = (how, 0);

    public void Stop(string deployment, bool rollback)
    {
        if (!underWay || EcsStandIn.Text(Ours["serviceDeploymentArn"]) != deployment)
        {
            throw new EcsErrorException("ConflictException", "The service deployment has ended.");
        }

        (Ours["status"], Ours["statusReason"]) = rollback ? ("ROLLBACK_REQUESTED", "Rollback was requested.") : ("STOPPED", "Stopped by the user.");
        (underWay, goingBack, step) = (rollback, rollback, 100);
    }

    /// <summary>One step of the rollout.</summary>
    /// <returns>A task definition that somebody else deploys now.</returns>
    public string? Step()
    {
        if (!underWay)
        {
            return null;
        }

        step++;
        if (goingBack)
        {
            GoBack();
            return null;
        }

        var primary = Deployments[0];
        var stages = Stages.Of(play);
        if (stages.Length > 0)
        {
            Advance(primary, stages);
            return null;
        }

        switch (play)
        {
            case Play.Success or Play.OtherDigest when step == 2:
                Running(primary, Desired - 1);
                Event($"(service {Name}) has started 1 tasks: (task {count}a).");
                break;
            case Play.Success or Play.OtherDigest when step >= 3:
                Complete();
                break;
            case Play.Crash or Play.PullFailure or Play.RollbackFails:
                primary["failedTasks"] = step;
                break;
            case Play.CircuitBreaker or Play.CircuitBreakerAlone or Play.Alarm when step >= 2:
                Fail(primary, play == Play.Alarm ? "Service deployment rolled back because of CloudWatch alarm(s)." : "ECS deployment circuit breaker: tasks failed to start.", rollback: play != Play.CircuitBreakerAlone);
                break;
            case Play.Stopped when step >= 2:
                (Ours["status"], Ours["statusReason"]) = ("STOPPED", "Stopped by the user.");
                underWay = false;
                break;
            case Play.SecondDeploy when step == 2:
                return Definition;
        }

        return null;
    }

    public JsonObject Describe()
    {
        var described = json.DeepClone().AsObject();
        described.Remove("cluster");
        described["serviceArn"] = ServiceArn;
        described["clusterArn"] = $"{EcsStandIn.Arn}cluster/{Cluster}";
        described["status"] = "ACTIVE";
        described["desiredCount"] = Desired;
        described["runningCount"] = Deployments.Sum(d => (int)d["runningCount"]!);
        described["taskDefinition"] = Definition;
        described["deploymentController"] ??= new JsonObject { ["type"] = "ECS" };
        described["deploymentConfiguration"] ??= new JsonObject
        {
            ["deploymentCircuitBreaker"] = new JsonObject { ["enable"] = play is Play.CircuitBreaker or Play.CircuitBreakerAlone, ["rollback"] = play == Play.CircuitBreaker },
            ["alarms"] = play is Play.Alarm or Play.BlueGreenAlarm or Play.CanaryAlarm ? new JsonObject { ["alarmNames"] = new JsonArray("shop-5xx"), ["enable"] = true, ["rollback"] = true } : null,
            ["strategy"] = Stages.Strategy(play),
            ["bakeTimeInMinutes"] = Stages.Of(play).Length > 0 ? 5 : null,
        };
        described["deployments"] = new JsonArray([.. Deployments.Select(d => d.DeepClone())]);
        described["events"] = new JsonArray([.. events.Select(e => e.DeepClone())]);
        return described;
    }

    public IEnumerable<string> Tasks(string status) => status == "STOPPED"
        ? Fails is null ? [] : [$"{TaskArn(Revisions[EcsStandIn.Text(Ours["targetServiceRevision"]!["arn"])])}-stopped-1"]
        : Deployments.SelectMany(d => Enumerable.Range(1, (int)d["runningCount"]!).Select(i => $"{TaskArn(EcsStandIn.Text(d["taskDefinition"]))}-{i}"));

    public bool OwnsTask(string arn) => arn.Contains($":task/{Cluster}/{Name}-", StringComparison.Ordinal);

    public string DefinitionOf(string task) => Revisions.Values.First(d => task.StartsWith(TaskArn(d) + "-", StringComparison.Ordinal));

    public bool RunsOtherDigest(string definition) => play == Play.OtherDigest && definition == Definition;

    private string TaskArn(string definition) => $"{EcsStandIn.Arn}task/{Cluster}/{Name}-{definition.Split('/')[^1].Replace(':', '-')}";

    private void Deploy(string definition)
    {
        count++;
        Definition = definition;
        foreach (var earlier in Deployments)
        {
            earlier["status"] = "ACTIVE";
        }

        Deployments.Insert(0, Deployment(definition));
        var revision = $"{EcsStandIn.Arn}service-revision/{Cluster}/{Name}/{count}";
        Revisions[revision] = definition;
        var source = ServiceDeployments.Count == 0 ? null : Ours["targetServiceRevision"]!["arn"]!.DeepClone();
        ServiceDeployments.Add(new JsonObject
        {
            ["serviceDeploymentArn"] = $"{EcsStandIn.Arn}service-deployment/{Cluster}/{Name}/{count}", ["serviceArn"] = ServiceArn, ["clusterArn"] = $"{EcsStandIn.Arn}cluster/{Cluster}",
            ["status"] = "IN_PROGRESS", ["createdAt"] = 1.7e9 + count, ["startedAt"] = 1.7e9 + count,
            ["sourceServiceRevisions"] = source is null ? [] : new JsonArray(new JsonObject { ["arn"] = source, ["requestedTaskCount"] = Desired, ["runningTaskCount"] = Desired }),
            ["targetServiceRevision"] = new JsonObject { ["arn"] = revision, ["requestedTaskCount"] = Desired, ["runningTaskCount"] = 0, ["pendingTaskCount"] = Desired },
        });
    }

    private JsonObject Deployment(string definition) => new()
    {
        ["id"] = $"ecs-svc/{count:D19}{(goingBack ? "9" : "")}", ["status"] = "PRIMARY", ["taskDefinition"] = definition, ["desiredCount"] = Desired, ["pendingCount"] = Desired, ["runningCount"] = 0, ["failedTasks"] = 0,
        ["rolloutState"] = "IN_PROGRESS", ["rolloutStateReason"] = $"ECS deployment ecs-svc/{count:D19} in progress.", ["createdAt"] = 1.7e9 + count, ["updatedAt"] = 1.7e9 + count,
    };

    private void Running(JsonObject deployment, int running)
    {
        (deployment["runningCount"], deployment["pendingCount"]) = (running, Desired - running);
        (Ours["targetServiceRevision"]!["runningTaskCount"], Ours["targetServiceRevision"]!["pendingTaskCount"]) = (running, Desired - running);
    }

    private void Complete()
    {
        Running(Deployments[0], Desired);
        (Deployments[0]["rolloutState"], Deployments[0]["rolloutStateReason"]) = ("COMPLETED", $"ECS deployment {Deployments[0]["id"]} completed.");
        Deployments.RemoveRange(1, Deployments.Count - 1);
        (Ours["status"], Ours["finishedAt"], underWay) = ("SUCCESSFUL", 1.7e9 + count + 0.5, false);
        completed.Add(Definition);
        Event($"(service {Name}) has reached a steady state.");
    }

    private void Advance(JsonObject primary, (string Stage, int Weight)[] stages)
    {
        var (stage, weight) = stages[Math.Min(step, stages.Length) - 1];
        if (stage == "SCALE_UP" && play == Play.BlueGreenCrash)
        {
            primary["failedTasks"] = step;
            step--;
        }

        Ours["lifecycleStage"] = stage;
        Ours["targetServiceRevision"]!["requestedProductionTrafficWeight"] = weight;
        if (stage == "POST_SCALE_UP")
        {
            Running(primary, Desired);
        }

        if (Stages.Fault(play) is var (at, share, reason) && stage == at && weight == share)
        {
            Fail(primary, reason, rollback: true);
        }
        else if (step > stages.Length)
        {
            Complete();
        }
    }

    private void Fail(JsonObject primary, string reason, bool rollback)
    {
        (primary["rolloutState"], primary["rolloutStateReason"]) = ("FAILED", reason);
        (Ours["status"], Ours["statusReason"]) = (rollback ? "ROLLBACK_IN_PROGRESS" : "STOPPED", reason);
        if (rollback)
        {
            Ours["alarms"] = new JsonObject { ["status"] = reason.Contains("alarm", StringComparison.Ordinal) ? "TRIGGERED" : "DISABLED", ["triggeredAlarmNames"] = reason.Contains("alarm", StringComparison.Ordinal) ? new JsonArray("shop-5xx") : [] };
            Ours["rollback"] = new JsonObject { ["reason"] = reason, ["startedAt"] = 1.7e9, ["serviceRevisionArn"] = Revisions.First(r => r.Value == before).Key };
        }

        (underWay, goingBack, step) = (rollback, rollback, 100);
    }

    /// <summary>ECS's own way back: the deployment before becomes primary again, the service deployment stays the same.</summary>
    private void GoBack()
    {
        if (step == 101)
        {
            Ours["status"] = "ROLLBACK_IN_PROGRESS";
            Event($"(service {Name}) rolling back to deployment.");
            Definition = before;
            Deployments.RemoveAll(d => EcsStandIn.Text(d["status"]) == "PRIMARY");
            Deployments.Insert(0, Deployment(before));
        }
        else if (step == 103)
        {
            var primary = Deployments[0];
            (primary["runningCount"], primary["pendingCount"], primary["rolloutState"]) = (Desired, 0, "COMPLETED");
            Deployments.RemoveRange(1, Deployments.Count - 1);
            (Ours["status"], Ours["lifecycleStage"], Ours["finishedAt"], underWay) = ("ROLLBACK_SUCCESSFUL", null, 1.7e9 + count + 0.5, false);
        }
    }

    private void Event(string message) => events.Insert(0, new JsonObject { ["id"] = $"e{events.Count}-{count}", ["createdAt"] = 1.7e9, ["message"] = message });
}
