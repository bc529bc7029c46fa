using System.Text.Json.Nodes;
using SecOps.StandIns;
using SecOps.StandIns.Bedrock;
using SecOps.StandIns.Ecs;
using SecOps.StandIns.GitHub;
using SecOps.StandIns.Sonar;

// A stand-in as a program, for scripts; see README.md.
var printed = args switch
{
    ["github", var repository] => $"GITHUB_API_URL={new GitHubStandIn(repository, null).Url}",
    ["bedrock", var folder] => $"AWS_ENDPOINT_URL_BEDROCK_RUNTIME={BedrockStandIn.Of(folder).Url}",
    ["sonarqube"] when Environment.GetEnvironmentVariable("SONAR_TOKEN") is { Length: > 0 } token => $"SONAR_HOST_URL={new SonarStandIn(token).Url}",
    _ => null,
};
if (printed is not null)
{
    Console.WriteLine(printed);
    Console.Out.Flush();
    Thread.Sleep(Timeout.Infinite);
}

var options = new Dictionary<string, string>
{
    ["--port"] = "0", ["--play"] = "success", ["--cluster"] = "c", ["--service"] = "shop", ["--container"] = "web", ["--image"] = $"{EcsStandIn.Repository}@{EcsStandIn.OldDigest}", ["--task-definition"] = "", ["--cut"] = "0",
};
if (args.Length % 2 == 0 || args[0] != "ecs" || args.Skip(1).Where((_, i) => i % 2 == 0).FirstOrDefault(a => !options.ContainsKey(a)) is not null)
{
    Console.Error.WriteLine("usage: stand-in ecs [--play NAME] [--cluster C] [--service S] [--container NAME] [--image REF] [--task-definition FILE] [--port N] [--cut N]");
    Console.Error.WriteLine("       stand-in github OWNER/NAME | bedrock FOLDER | sonarqube (with SONAR_TOKEN)");
    Console.Error.WriteLine("plays: " + string.Join(' ', Enum.GetNames<Play>().Select(n => n.ToLowerInvariant())));
    return 2;
}

foreach (var pair in args.Skip(1).Chunk(2))
{
    options[pair[0]] = pair[1];
}

if (!Enum.TryParse<Play>(options["--play"].Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var play) || !int.TryParse(options["--port"], out var port) || !int.TryParse(options["--cut"], out var cut))
{
    Console.Error.WriteLine($"stand-in: \"{options["--play"]}\" is no play, or --port or --cut is no number");
    return 2;
}

using var ecs = new EcsStandIn(play, port);
ecs.Fault = (_, count) => count == cut ? new Answer("") { Cut = true, Late = true } : null;
var definition = options["--task-definition"] is { Length: > 0 } file
    ? JsonNode.Parse(File.ReadAllText(file))!.AsObject()
    : new JsonObject
    {
        ["family"] = options["--service"], ["networkMode"] = "bridge",
        ["containerDefinitions"] = new JsonArray(new JsonObject { ["name"] = options["--container"], ["image"] = options["--image"], ["essential"] = true, ["memory"] = 256 }),
    };
ecs.Seed(definition, options["--cluster"], options["--service"]);
Console.WriteLine($"SECOPS_TEST_ECS={ecs.Url}");
Console.Out.Flush();
Thread.Sleep(Timeout.Infinite);
return 0;
