using System.Text.Json.Nodes;

namespace SecOps.StandIns.Bedrock;

/// <summary>Answers Converse (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html) with texts prepared for what the prompt holds.</summary>
/// <param name="answers">Each with a piece of the prompt that it is the answer to; what no piece is found for gets a refusal.</param>
public sealed class BedrockStandIn(IReadOnlyList<(string Piece, string Text)> answers) : IDisposable
{
    private readonly StandIn server = new(asked => Reply(asked, answers));

    public string Url => server.Url;

    public void Dispose() => server.Dispose();

    /// <summary>The files of a folder: the piece on the first line, the text after it.</summary>
    public static BedrockStandIn Of(string folder) => new([.. Directory.GetFiles(folder, "*.txt").Order(StringComparer.Ordinal).Select(File.ReadAllText).Select(t => (t[..t.IndexOf('\n')], t[(t.IndexOf('\n') + 1)..]))]);

    private static Answer Reply(Asked asked, IReadOnlyList<(string Piece, string Text)> answers)
    {
        if (asked.Header("Authorization")?.Contains("/bedrock/aws4_request", StringComparison.Ordinal) != true)
        {
            return Answer.Error("UnrecognizedClientException", "not signed for bedrock", 403);
        }

        if (asked.Method != "POST" || !asked.Url.EndsWith("/converse", StringComparison.Ordinal) || JsonNode.Parse(asked.Body)?["inferenceConfig"]?["maxTokens"] is null)
        {
            return Answer.Error("ValidationException", "not a Converse request with maxTokens");
        }

        var prompt = string.Concat(JsonNode.Parse(asked.Body)!["messages"]!.AsArray().SelectMany(m => m!["content"]!.AsArray()).Select(c => (string?)c!["text"]));
        var text = answers.FirstOrDefault(a => prompt.Contains(a.Piece, StringComparison.Ordinal)).Text ?? "There is no careful fix for this.";
        return new Answer(new JsonObject
        {
            ["output"] = new JsonObject { ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = new JsonArray(new JsonObject { ["text"] = text }) } },
            ["stopReason"] = "end_turn",
            ["usage"] = new JsonObject { ["inputTokens"] = prompt.Length / 4, ["outputTokens"] = text.Length / 4, ["totalTokens"] = (prompt.Length + text.Length) / 4 },
            ["metrics"] = new JsonObject { ["latencyMs"] = 1 },
        }.ToJsonString()) { ContentType = "application/json" };
    }
}
