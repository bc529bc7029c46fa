using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Aws;

/// <summary>Every operation and member that we name exists in the official service model, with that type. The models are botocore's.</summary>
public sealed class ServiceModelTests
{
    private static readonly Lazy<string?> Models = new(FindModels);

    /// <summary>Clients by the folder's name in botocore.</summary>
    private static readonly Dictionary<string, Type> Clients = typeof(AwsServiceClient).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(AwsServiceClient)))
        .ToDictionary(t => t.Name[..^"Client".Length] switch
        {
            "ElasticLoadBalancingV2" => "elbv2",
            "BedrockRuntime" => "bedrock-runtime",
            var name => name.ToLowerInvariant(),
        });

    [Fact]
    public void Our_operations_and_members_are_those_of_the_service_models()
    {
        if (Models.Value is not { } folder)
        {
            Parts.Strict.ShouldBeFalse("botocore is missing; it comes with moto");
            return;
        }

        Clients.Count.ShouldBeGreaterThan(2);
        var wrong = new List<string>();
        var checkedMembers = 0;
        foreach (var (name, type) in Clients)
        {
            var model = Load(folder, name);
            using var client = (AwsServiceClient)Activator.CreateInstance(type, TestAws.Settings("http://127.0.0.1:9"))!;
            var service = (AwsService)type.GetField("Service", BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;
            var metadata = model["metadata"]!;
            ((string)metadata["serviceId"]!).ShouldBe(service.ServiceId);
            ((string?)metadata["signingName"] ?? (string)metadata["endpointPrefix"]!).ShouldBe(service.SigningName ?? service.Name);
            ((string)metadata["protocol"]!).ShouldBe(service.Protocol switch { AwsProtocol.Json => "json", AwsProtocol.RestJson => "rest-json", AwsProtocol.Query => "query", _ => "ec2" });
            if (service.Protocol == AwsProtocol.Json)
            {
                ((string)metadata["targetPrefix"]!).ShouldBe(service.Target);
            }
            else if (service.Version.Length > 0)
            {
                ((string)metadata["apiVersion"]!).ShouldBe(service.Version);
            }

            foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(m => m.Name.EndsWith("Async", StringComparison.Ordinal)))
            {
                var operation = method.Name[..^5];
                if (model["operations"]![operation] is not { } description)
                {
                    wrong.Add($"{name}: no operation {operation}");
                    continue;
                }

                var check = new Comparison(model["shapes"]!.AsObject(), service.Protocol, wrong);
                check.Compare($"{name}:{operation}.in", client.Model.GetTypeInfo(method.GetParameters()[0].ParameterType), (string?)description["input"]?["shape"], request: true);
                check.Compare($"{name}:{operation}.out", client.Model.GetTypeInfo(method.ReturnType.GetGenericArguments()[0]), (string?)description["output"]?["shape"], request: false);
                checkedMembers += check.Members;
            }
        }

        wrong.ShouldBeEmpty();
        checkedMembers.ShouldBeGreaterThan(100);
    }

    private sealed class Comparison(JsonObject shapes, AwsProtocol protocol, List<string> wrong)
    {
        private readonly HashSet<Type> seen = [];

        public int Members { get; private set; }

        public void Compare(string at, JsonTypeInfo type, string? shapeName, bool request)
        {
            var clr = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
            if (shapeName is null)
            {
                if (type.Properties.Count > 0)
                {
                    wrong.Add($"{at}: the model has no such structure");
                }

                return;
            }

            var shape = shapes[shapeName]!;
            var kind = (string)shape["type"]!;
            var fits = clr switch
            {
                _ when clr == typeof(JsonObject) => kind is "structure" or "map",
                _ when clr == typeof(string) => kind == "string",
                _ when clr == typeof(bool) => kind == "boolean",
                _ when clr == typeof(int) => kind is "integer",
                _ when clr == typeof(long) => kind is "long",
                _ when clr == typeof(double) => kind is "double" or "float",
                _ when clr == typeof(DateTimeOffset) => kind == "timestamp",
                _ when clr == typeof(byte[]) => kind == "blob",
                _ when type.Kind == JsonTypeInfoKind.Enumerable => kind == "list",
                _ when type.Kind == JsonTypeInfoKind.Dictionary => kind == "map",
                _ => kind == "structure",
            };
            if (!fits)
            {
                wrong.Add($"{at}: {clr.Name} for {kind}");
                return;
            }

            switch (type.Kind)
            {
                case JsonTypeInfoKind.Enumerable:
                    Compare(at + "[]", type.Options.GetTypeInfo(type.ElementType!), (string?)shape["member"]!["shape"], request);
                    break;
                case JsonTypeInfoKind.Dictionary:
                    Compare(at + "{}", type.Options.GetTypeInfo(type.ElementType!), (string?)shape["value"]!["shape"], request);
                    break;
                case JsonTypeInfoKind.Object when seen.Add(clr):
                    var members = shape["members"]!.AsObject().ToDictionary(m => Wire(m.Key, m.Value!, request), m => (string)m.Value!["shape"]!);
                    foreach (var property in type.Properties)
                    {
                        Members++;
                        if (members.TryGetValue(property.Name, out var member))
                        {
                            Compare($"{at}.{property.Name}", type.Options.GetTypeInfo(property.PropertyType), member, request);
                        }
                        else
                        {
                            wrong.Add($"{at}: no member {property.Name} in {shapeName}");
                        }
                    }

                    break;
            }
        }

        /// <summary>The name on the wire; for EC2's requests with a capital (https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html).</summary>
        private string Wire(string name, JsonNode member, bool request)
        {
            if (protocol == AwsProtocol.Ec2Query && request)
            {
                var wire = (string?)member["queryName"] ?? (string?)member["locationName"] ?? name;
                return char.ToUpperInvariant(wire[0]) + wire[1..];
            }

            return (string?)member["locationName"] ?? name;
        }
    }

    private static JsonNode Load(string folder, string service)
    {
        var version = Directory.GetDirectories(Path.Combine(folder, service)).Order(StringComparer.Ordinal).Last();
        var file = Path.Combine(version, "service-2.json");
        if (File.Exists(file))
        {
            return JsonNode.Parse(File.ReadAllText(file))!;
        }

        using var packed = new GZipStream(File.OpenRead(file + ".gz"), CompressionMode.Decompress);
        return JsonNode.Parse(packed)!;
    }

    private static string? FindModels()
    {
        foreach (var python in new[] { "python3", "python" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python)
                {
                    ArgumentList = { "-c", "import botocore, os; print(os.path.join(os.path.dirname(botocore.__file__), 'data'))" },
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
                var folder = process.StandardOutput.ReadToEnd().Trim();
                process.WaitForExit();
                if (process.ExitCode == 0 && Directory.Exists(folder))
                {
                    return folder;
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not installed under this name.
            }
        }

        return null;
    }
}
