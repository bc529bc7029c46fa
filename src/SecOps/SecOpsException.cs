namespace SecOps;

/// <summary>
/// A failure that the user can understand and mend. The message says what happened, where, and what to do;
/// it is printed as it stands, without a stack trace, and the process ends with <see cref="Code"/>.
/// </summary>
public class SecOpsException : Exception
{
    public SecOpsException(int code, string message, Exception? cause = null)
        : base(message, cause) => Code = code;

    /// <summary>One of <see cref="ExitCode"/>.</summary>
    public int Code { get; }

    /// <summary>The command line or a configuration file is wrong (exit code 2).</summary>
    public static SecOpsException Usage(string message) => new(ExitCode.Usage, message);

    /// <summary>Something required did not run to its end (exit code 3).</summary>
    public static SecOpsException Incomplete(string message, Exception? cause = null) => new(ExitCode.Incomplete, message, cause);

    /// <summary>A tool, a file or a remote failed (exit code 4).</summary>
    public static SecOpsException Tool(string message, Exception? cause = null) => new(ExitCode.ToolFailed, message, cause);
}
