using System.Text.Json.Nodes;

namespace SecOps.StandIns.Sonar;

/// <summary>
/// A SonarQube server (https://next.sonarqube.com/sonarqube/web_api) that keeps what an analysis sent it: the quality gate fails as long as there
/// are issues. A scanner sends <c>{"project": KEY, "issues": […]}</c> to <c>POST /api/ce/submit</c>, in the form that <c>api/issues/search</c> answers.
/// </summary>
public sealed class SonarStandIn : IDisposable
{
    private readonly Dictionary<string, JsonArray> projects = [];
    private readonly string token;
    private readonly StandIn server;

    public SonarStandIn(string token)
    {
        this.token = token;
        server = new StandIn(Reply);
    }

    public string Url => server.Url;

    public void Dispose() => server.Dispose();

    private Answer Reply(Asked asked)
    {
        if (asked.Header("Authorization") != "Bearer " + token)
        {
            return Json(new JsonObject(), 401);
        }

        var (path, query) = (asked.Url.Split('?')[0], System.Web.HttpUtility.ParseQueryString(asked.Url.Contains('?', StringComparison.Ordinal) ? asked.Url[asked.Url.IndexOf('?', StringComparison.Ordinal)..] : ""));
        if (asked.Method == "POST" && path == "/api/ce/submit")
        {
            var sent = JsonNode.Parse(asked.Body)!;
            projects[(string)sent["project"]!] = sent["issues"]!.AsArray();
            return Json(new JsonObject { ["taskId"] = (string)sent["project"]! });
        }

        var issues = projects.GetValueOrDefault(query["componentKeys"] ?? query["components"] ?? query["projectKey"] ?? query["analysisId"] ?? "") ?? [];
        return path switch
        {
            "/api/ce/task" => Json(new JsonObject { ["task"] = new JsonObject { ["id"] = query["id"], ["status"] = "SUCCESS", ["analysisId"] = query["id"] } }),
            "/api/qualitygates/project_status" => Json(new JsonObject { ["projectStatus"] = new JsonObject { ["status"] = issues.Count > 0 ? "ERROR" : "OK", ["conditions"] = new JsonArray() } }),
            "/api/issues/search" => Json(new JsonObject { ["total"] = issues.Count, ["paging"] = Paging(issues.Count), ["issues"] = issues.DeepClone(), ["components"] = new JsonArray(), ["facets"] = new JsonArray() }),
            "/api/hotspots/search" => Json(new JsonObject { ["paging"] = Paging(0), ["hotspots"] = new JsonArray(), ["components"] = new JsonArray() }),
            _ => Json(new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["msg"] = "Unknown url : " + path }) }, 404),
        };
    }

    private static JsonObject Paging(int total) => new() { ["pageIndex"] = 1, ["pageSize"] = 500, ["total"] = total };

    private static Answer Json(JsonObject body, int status = 200) => new(body.ToJsonString(), status) { ContentType = "application/json" };
}
