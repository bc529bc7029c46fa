using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using SecOps.Testing;

namespace SecOps.Aws;

/// <summary>Builds things in the emulator by raw calls, with no client of ours between. The emulator checks no signature, it reads the service's name off it.</summary>
internal sealed class Emulator(string region = "us-east-1")
{
    private static readonly HttpClient Http = new();

    public string Region { get; } = region;

    /// <summary>Where ECS is; null: in the emulator too.</summary>
    public string? EcsUrl { get; init; }

    /// <summary>A call of a query service; the answer's first element of that name.</summary>
    public string Query(string service, string version, string action, string wanted, params (string Name, string Value)[] parameters)
    {
        var xml = XDocument.Parse(Send(service, new FormUrlEncodedContent([new("Action", action), new("Version", version), .. parameters.Select(p => new KeyValuePair<string, string>(p.Name, p.Value))]), null));
        return wanted.Length == 0 ? "" : xml.Descendants().First(e => e.Name.LocalName == wanted).Value;
    }

    public string Ec2(string action, string wanted, params (string Name, string Value)[] parameters) => Query("ec2", "2016-11-15", action, wanted, parameters);

    public string Elb(string action, string wanted, params (string Name, string Value)[] parameters) => Query("elasticloadbalancing", "2015-12-01", action, wanted, parameters);

    public string Iam(string action, string wanted, params (string Name, string Value)[] parameters) => Query("iam", "2010-05-08", action, wanted, parameters);

    public JsonNode Json(string service, string target, string body) =>
        JsonNode.Parse(Send(service, new StringContent(body, Encoding.UTF8, "application/x-amz-json-1.1"), target) is { Length: > 0 } text ? text : "{}")!;

    public JsonNode Ecs(string operation, string body) => Json("ecs", "AmazonEC2ContainerServiceV20141113." + operation, body);

    public JsonNode Ecr(string operation, string body) => Json("ecr", "AmazonEC2ContainerRegistry_V20150921." + operation, body);

    private string Send(string service, HttpContent content, string? target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, (service == "ecs" ? EcsUrl : null) is { } url ? url + "/" : Parts.Variable("SECOPS_TEST_AWS") + "/") { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/{Region}/{service}/aws4_request, SignedHeaders=host, Signature=0");
        request.Headers.TryAddWithoutValidation("X-Amz-Date", "20260101T000000Z");
        if (target is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Amz-Target", target);
        }

        using var response = Http.Send(request);
        using var reader = new StreamReader(response.Content.ReadAsStream());
        var text = reader.ReadToEnd();
        return response.IsSuccessStatusCode ? text : throw new InvalidOperationException($"{service} {target} {content.ReadAsStringAsync().Result}: {text}");
    }
}
