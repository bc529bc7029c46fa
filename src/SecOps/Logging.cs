using System.Globalization;
using Serilog;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;
using SecOps.Processes;

namespace SecOps;

/// <summary>The log: every run in <c>.secops/log</c>, and on standard error with <c>--verbose</c>. Each line passes the redactor, exceptions too.</summary>
internal static class Logging
{
    private const string Line = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u3} {Message:lj}{NewLine}{Exception}";

    public static Serilog.Core.Logger Create(string folder, bool verbose, Redactor redactor)
    {
        var formatter = new RedactingFormatter(new MessageTemplateTextFormatter(Line, CultureInfo.InvariantCulture), redactor);
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Debug()
            .WriteTo.File(formatter, Path.Combine(folder, "log", "secops-.log"), rollingInterval: RollingInterval.Day, retainedFileCountLimit: 7, shared: true);
        if (verbose)
        {
            configuration = configuration.WriteTo.Console(formatter, standardErrorFromLevel: LogEventLevel.Verbose);
        }

        return configuration.CreateLogger();
    }

    private sealed class RedactingFormatter(MessageTemplateTextFormatter inner, Redactor redactor) : ITextFormatter
    {
        public void Format(LogEvent logEvent, TextWriter output)
        {
            using var text = new StringWriter(CultureInfo.InvariantCulture);
            inner.Format(logEvent, text);
            output.Write(redactor.Redact(text.ToString()));
        }
    }
}
