using System.Globalization;
using System.Text.Json;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Sarif;

/// <summary>What a result says (message, section 3.11): a text, or the name of one that its rule holds, with what to fill in.</summary>
/// <param name="Markdown">Kept only where there is no plain text.</param>
internal readonly record struct SarifMessage(string? Plain, string? Id, string? Markdown, ReportNode? Arguments)
{
    public static SarifMessage Read(ref JsonCursor json)
    {
        if (json.Peek() != JsonTokenType.StartObject)
        {
            // Some tools write the bare text.
            return new SarifMessage(SarifResult.Text(ref json), null, null, null);
        }

        string? plain = null, id = null, older = null, markdown = null;
        ReportNode? arguments = null;
        json.BeginObject();
        while (json.NextMember())
        {
            if (json.Is("text"u8)) { plain = SarifResult.Text(ref json); }
            else if (json.Is("id"u8)) { id = SarifResult.Text(ref json); }
            else if (json.Is("messageId"u8) || json.Is("formatId"u8)) { older = SarifResult.Text(ref json); }
            else if (json.Is("markdown"u8)) { markdown = SarifResult.Text(ref json); }
            else if (json.Is("arguments"u8)) { arguments = ReportNode.Read(ref json); }
            else { json.Skip(); }
        }

        return new SarifMessage(plain, id ?? older, plain is null ? markdown : null, arguments);
    }

    /// <summary>The message as a person reads it.</summary>
    public string? Resolve(SarifRule? rule, ReportNode globalMessages)
    {
        if (Plain is not null)
        {
            return Fill(Plain);
        }

        var template = Id is null ? null : rule?.MessageOf(Id) ?? globalMessages[Id]["text"].Text;
        return template is null ? Markdown ?? rule?.Description : Fill(template);
    }

    /// <summary>Placeholders {0}, {1}, … (section 3.11.5).</summary>
    private string Fill(string text)
    {
        for (var i = 0; i < (Arguments?.Items.Count ?? 0); i++)
        {
            text = text.Replace(string.Create(CultureInfo.InvariantCulture, $"{{{i}}}"), Arguments![i].Text ?? "", StringComparison.Ordinal);
        }

        return text;
    }
}
