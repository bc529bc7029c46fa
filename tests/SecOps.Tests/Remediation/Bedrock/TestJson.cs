using System.Text.Json.Serialization;

namespace SecOps.Remediation.Bedrock;

[JsonSerializable(typeof(string))]
internal sealed partial class TestJson : JsonSerializerContext;
