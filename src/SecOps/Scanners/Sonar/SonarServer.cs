using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SecOps.Findings;

namespace SecOps.Scanners.Sonar;

/// <summary>
/// SonarQube's web API (https://next.sonarqube.com/sonarqube/web_api): waits for the analysis, then saves issues and hotspots as the
/// server answers them.
/// </summary>
internal sealed class SonarServer(HttpClient http, string project, string folder, TimeSpan poll)
{
    /// <summary>The server lists no more of any search.</summary>
    private const int MaxListed = 10_000;

    private const int PageSize = 500;

    private static readonly string[] Severities = ["BLOCKER", "CRITICAL", "MAJOR", "MINOR", "INFO"];
    private static readonly string[] Types = ["BUG", "VULNERABILITY", "CODE_SMELL"];

    private readonly List<string> reports = [];

    public static HttpClient Client(string url, string? token)
    {
        var client = new HttpClient { BaseAddress = new Uri(url.TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(60) };
        if (!string.IsNullOrEmpty(token))
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }

    /// <summary>The quality gate's result.</summary>
    /// <param name="analysis">Of <see cref="WaitAsync"/>: another analysis may have come in since.</param>
    public async Task<ProjectQuality> QualityAsync(string? analysis, CancellationToken cancellation)
    {
        using var answer = await GetAsync($"api/qualitygates/project_status?{(analysis is null ? "projectKey=" + Escaped(project) : "analysisId=" + Escaped(analysis))}", cancellation);
        if (!answer.RootElement.TryGetProperty("projectStatus", out var status) || Text(status, "status") is not { } gate)
        {
            throw SecOpsException.Tool("SonarQube's answer about the quality gate holds no \"projectStatus\" with a \"status\".");
        }

        var conditions = status.TryGetProperty("conditions", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToList() : [];
        return new ProjectQuality(project)
        {
            Gate = gate,
            Failing = [.. conditions.Where(c => Text(c, "status") is not "OK").Select(c => new QualityCondition(Text(c, "metricKey") ?? "(unnamed metric)", Text(c, "comparator"), Text(c, "errorThreshold"), Text(c, "actualValue")))],
        };
    }

    /// <summary>Open issues and hotspots.</summary>
    /// <param name="place">Of <see cref="WaitAsync"/>: without it the server answers for the main branch.</param>
    /// <returns>The saved answers.</returns>
    public async Task<IReadOnlyList<string>> FindingsAsync(string place, CancellationToken cancellation)
    {
        await IssuesAsync(place, 0, cancellation);
        await PagesAsync($"api/hotspots/search?projectKey={Escaped(project)}&project={Escaped(project)}&status=TO_REVIEW{place}", cancellation);
        return reports;
    }

    /// <param name="task">From report-task.txt.</param>
    /// <returns>The analysis that came of it, null where the server does not say; and, where it is not the main branch's, the query that names its branch or pull request.</returns>
    public async Task<(string? Id, string Place)> WaitAsync(string task, CancellationToken cancellation)
    {
        while (true)
        {
            using var answer = await GetAsync($"api/ce/task?id={Escaped(task)}", cancellation);
            var node = answer.RootElement.TryGetProperty("task", out var t) ? t : throw SecOpsException.Tool("SonarQube's answer about the analysis task holds no \"task\".");
            switch (Text(node, "status"))
            {
                case "SUCCESS":
                    var place = Text(node, "pullRequest") is { } request ? "&pullRequest=" + Escaped(request) : Text(node, "branch") is { } branch ? "&branch=" + Escaped(branch) : "";
                    return (Text(node, "analysisId"), place);
                case ("FAILED" or "CANCELED") and var status:
                    throw SecOpsException.Tool($"SonarQube's analysis task {task} is {status}: {Text(node, "errorMessage") ?? "no reason given"}");
            }

            await Task.Delay(poll, cancellation);
        }
    }

    /// <summary>Splits a search that has more than the server lists: by severity, then by type.</summary>
    private async Task IssuesAsync(string filter, int depth, CancellationToken cancellation)
    {
        // Version 10.2 renamed the parameter; a server that knew neither would answer with every project's issues.
        var query = $"api/issues/search?componentKeys={Escaped(project)}&components={Escaped(project)}&resolved=false{filter}";
        using var first = await GetAsync($"{query}&p=1&ps=1", cancellation);
        var total = Total(first);
        if (total <= MaxListed)
        {
            await PagesAsync(query, cancellation);
            return;
        }

        var (name, words) = depth switch
        {
            0 => ("severities", Severities),
            1 => ("types", Types),
            _ => throw SecOpsException.Tool(string.Create(CultureInfo.InvariantCulture, $"SonarQube has {total} issues of one severity and type and lists {MaxListed}: scan parts of the project apart.")),
        };
        foreach (var word in words)
        {
            await IssuesAsync($"{filter}&{name}={word}", depth + 1, cancellation);
        }
    }

    private async Task PagesAsync(string query, CancellationToken cancellation)
    {
        for (var page = 1; ; page++)
        {
            using var answer = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"{query}&p={page}&ps={PageSize}"), cancellation);
            var file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"page-{reports.Count}.json"));
            await File.WriteAllTextAsync(file, Listed(answer), cancellation);
            reports.Add(file);
            if (page * PageSize >= Total(answer))
            {
                return;
            }
        }
    }

    /// <summary>One page of several: the lists alone, or its reader would miss the rest.</summary>
    private static string Listed(JsonDocument answer)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteStartObject("paging");
            json.WriteEndObject();
            foreach (var member in answer.RootElement.EnumerateObject().Where(m => m.Name is "issues" or "hotspots" or "components" or "rules"))
            {
                member.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private async Task<JsonDocument> GetAsync(string query, CancellationToken cancellation)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(query, UriKind.Relative), cancellation);
            if (!response.IsSuccessStatusCode)
            {
                throw SecOpsException.Tool($"SonarQube at {http.BaseAddress} answers {(int)response.StatusCode} to {query.Split('?')[0]}. {((int)response.StatusCode is 401 or 403 ? "Set SONAR_TOKEN to a token that may browse the project." : "Look at the server's log.")}");
            }

            await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
            return await JsonDocument.ParseAsync(stream, default, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw SecOpsException.Tool($"SonarQube at {http.BaseAddress} cannot be asked for {query.Split('?')[0]}: {e.Message}", e);
        }
    }

    private static int Total(JsonDocument answer) =>
        answer.RootElement.TryGetProperty("paging", out var paging) && paging.TryGetProperty("total", out var total) && total.TryGetInt32(out var number) ? number : 0;

    private static string? Text(JsonElement node, string name) => node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Escaped(string text) => Uri.EscapeDataString(text);
}
