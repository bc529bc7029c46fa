using System.Text;
using SecOps.Processes;

namespace SecOps;

/// <summary>
/// Where people and programs read. What people read goes to standard output, or to standard error when <c>--json</c> gives
/// standard output to a program. Everything passes the redactor.
/// </summary>
public sealed class Terminal
{
    private readonly Redactor redactor;
    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly Lock gate = new();

    public Terminal(Redactor redactor, TextWriter output, TextWriter error)
    {
        (this.redactor, this.output, this.error) = (redactor, output, error);
    }

    /// <summary>Standard output belongs to a program.</summary>
    public bool Json { get; init; }

    /// <summary>Errors and asked-for output alone.</summary>
    public bool Quiet { get; init; }

    /// <summary>Colours and the like may be used in what people read.</summary>
    public bool Color { get; init; }

    /// <summary>A person is watching standard error.</summary>
    public bool Interactive { get; init; }

    /// <summary>Columns.</summary>
    public int Width { get; init; } = 100;

    /// <summary>A line for people; not printed with <c>--quiet</c>.</summary>
    public void Say(string line = "")
    {
        if (!Quiet)
        {
            Write(Json ? error : output, line + "\n");
        }
    }

    /// <summary>A line of progress, on standard error; not printed with <c>--quiet</c>.</summary>
    public void Progress(string line)
    {
        if (!Quiet)
        {
            Write(error, line + "\n");
        }
    }

    /// <summary>An error: printed always, on standard error.</summary>
    public void Error(string message) => Write(error, $"{Paint("secops:", "1;31")} {message}\n");

    /// <summary>What a program asked for, or what the command exists to print; on standard output, also with <c>--quiet</c>.</summary>
    public void Result(string text) => Write(output, text);

    /// <summary>Raw control sequences for a live display, on standard error.</summary>
    public void Raw(string text)
    {
        if (!Quiet)
        {
            Write(error, text);
        }
    }

    /// <summary>The text in an ANSI style (SGR parameters), or plain where colours are off.</summary>
    public string Paint(string text, string style) => Color && text.Length > 0 ? $"\e[{style}m{text}\e[0m" : text;

    /// <summary>
    /// Text of unknown origin, made safe for a terminal: control characters (escape sequences can rewrite the screen or the
    /// clipboard) and direction overrides become blanks.
    /// </summary>
    public static string Clean(string? text)
    {
        if (text is null)
        {
            return "";
        }

        StringBuilder? clean = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) || text[i] is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029')
            {
                clean ??= new StringBuilder(text);
                clean[i] = ' ';
            }
        }

        return clean?.ToString() ?? text;
    }

    private void Write(TextWriter writer, string text)
    {
        lock (gate)
        {
            writer.Write(redactor.Redact(text));
            writer.Flush();
        }
    }
}
