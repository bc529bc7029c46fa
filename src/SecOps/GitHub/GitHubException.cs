using System.Net;
using System.Text.Json;

namespace SecOps.GitHub;

/// <summary>GitHub refused a request, or could not be reached. The message is for people: what was wanted, what GitHub said, what to do.</summary>
public sealed class GitHubException(string message, HttpStatusCode? status, Exception? cause = null) : SecOpsException(ExitCode.ToolFailed, message, cause)
{
    /// <summary>Null when there was no answer.</summary>
    public HttpStatusCode? Status { get; } = status;

    /// <summary>GitHub's own words in an error's body: its message, and what is wrong with which field.</summary>
    internal static string Said(byte[] answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return "";
            }

            List<string> words = [];
            if (root.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String)
            {
                words.Add(message.GetString()!);
            }

            if (root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array)
            {
                words.AddRange(errors.EnumerateArray().Take(3).Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : e.GetRawText()));
            }

            var text = string.Join("; ", words);
            return text.Length > 500 ? text[..500] + "…" : text;
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
