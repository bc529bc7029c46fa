namespace SecOps.Processes;

/// <summary>An immutable description of one run of a tool. Arguments are a list; there is no shell.</summary>
/// <param name="Executable">Full path, or a name looked up on PATH.</param>
/// <param name="Arguments">Passed as they are. Secrets never stand here: every user of the machine can read a process's arguments.</param>
public sealed record ProcessCall(string Executable, IReadOnlyList<string> Arguments)
{
    /// <summary>Names run and stage to a stage of <c>secops run</c>. Set for it alone, never inherited.</summary>
    public const string StageVariable = "SECOPS_STAGE";

    /// <summary>Null: the current directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Added to the inherited environment; a null value removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Start with this environment alone, nothing inherited.</summary>
    public bool CleanEnvironment { get; init; }

    /// <summary>Written to standard input, which is then closed. Null: standard input is empty.</summary>
    public string? Input { get; init; }

    /// <summary>
    /// Standard input stays open as long as this process lives: its end tells the called process to stop, on every system and
    /// also when this process is killed. Cancelling closes it first and waits the grace.
    /// </summary>
    public bool HoldsInput { get; init; }

    /// <summary>Standard output goes to this file instead of being kept. Null: the last <see cref="MaxCapture"/> bytes are kept.</summary>
    public string? OutputFile { get; init; }

    /// <summary>How many bytes of standard output, and of standard error, are kept: the last ones.</summary>
    public int MaxCapture { get; init; } = 64 * 1024;

    /// <summary>Standard output is the secret that was asked for: the result has it as it came. It is not to be shown.</summary>
    public bool OutputIsSecret { get; init; }

    /// <summary>After this the process and its children are ended.</summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>How long the process may take to end after SIGTERM before it is killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Called with each complete line of standard error, redacted, as it comes.</summary>
    public Action<string>? OnErrorLine { get; init; }

    /// <summary>Called with each complete line of standard output, redacted, as it comes.</summary>
    public Action<string>? OnOutputLine { get; init; }
}

/// <summary>How a call ended.</summary>
/// <param name="ExitCode">The process's code; on Unix 128 plus the signal's number when a signal ended it.</param>
/// <param name="Output">The end of standard output, redacted.</param>
/// <param name="Error">The end of standard error, redacted.</param>
/// <param name="TimedOut">Ended by us because its time was up.</param>
public sealed record ProcessResult(int ExitCode, string Output, string Error, bool TimedOut, TimeSpan Duration)
{
    /// <summary>The last line that says something, of standard error or else of standard output; for a message.</summary>
    public string LastLine() => LastLineOf(Error) ?? LastLineOf(Output) ?? "it printed nothing";

    private static string? LastLineOf(string text)
    {
        var line = text.Split('\n').Select(l => l.Trim()).LastOrDefault(l => l.Length > 0);
        return line is { Length: > 300 } ? line[..300] + "…" : line;
    }
}

/// <summary>The tool could not be started because it is not there.</summary>
public sealed class ToolNotFoundException(string executable, Exception? cause = null)
    : Exception($"{executable} is not installed or not executable.", cause)
{
    public string Executable { get; } = executable;
}
