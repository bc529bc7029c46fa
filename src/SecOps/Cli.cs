using System.Collections;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using SecOps.Commands;
using SecOps.Configuration;
using SecOps.Processes;

namespace SecOps;

/// <summary>The command line: the root command, the options of every command, and errors to exit codes.</summary>
public static class Cli
{
    private static readonly Option<string?> Config = new("--config") { Description = "The configuration file. Default: the nearest secops.yml.", HelpName = "FILE", Recursive = true };
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "The folder of results. Default: .secops", HelpName = "DIR", Recursive = true };
    private static readonly Option<bool> Json = new("--json") { Description = "Machine output alone on standard output; everything for people on standard error.", Recursive = true };
    private static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "Print errors only.", Recursive = true };
    private static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "Print the log.", Recursive = true };
    private static readonly Option<bool> NoColor = new("--no-color") { Description = "No colours (also: NO_COLOR).", Recursive = true };
    private static readonly Option<bool> Offline = new("--offline") { Description = "Use no network.", Recursive = true };

    public static async Task<int> RunAsync(string[] args)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = StopOn(PosixSignal.SIGINT, stop);
        using var terminate = StopOn(PosixSignal.SIGTERM, stop);
        var redactor = new Redactor();
        redactor.AddEnvironment(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => KeyValuePair.Create((string)v.Key, (string?)v.Value ?? "")));
        var parsed = Root(redactor).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var terminal = Open(parsed, redactor);
        try
        {
            if (Mistake(parsed, args) is { } mistake)
            {
                throw SecOpsException.Usage($"{mistake} {Help(parsed)}");
            }

            using var stage = await StageProcess.EnterAsync(parsed.GetValue(Output), stop, terminal);
            var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            var code = await parsed.InvokeAsync(invocation, stop.Token);
            return stop.IsCancellationRequested ? ExitCode.Cancelled : code;
        }
        catch (SecOpsException e)
        {
            terminal.Error(e.Message);
            return e.Code;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            terminal.Error("cancelled.");
            return ExitCode.Cancelled;
        }
        catch (ToolNotFoundException e)
        {
            terminal.Error(e.Message);
            return ExitCode.ToolFailed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            terminal.Error($"a file cannot be read or written: {e.Message} See that the disk has room and that the folder is yours.{(parsed.GetValue(Verbose) ? $"\n{e}" : "")}");
            return ExitCode.ToolFailed;
        }
        catch (Exception e)
        {
            terminal.Error($"this is a bug in secops {Product.Version}; please report it with the following lines.\n{e}");
            return ExitCode.Bug;
        }
    }

    /// <summary>The whole tree of commands.</summary>
    internal static RootCommand Root(Redactor redactor)
    {
        Workspace OpenWorkspace(ParseResult parsed) => new(
            new GlobalOptions
            {
                Config = parsed.GetValue(Config),
                Output = parsed.GetValue(Output),
                Json = parsed.GetValue(Json),
                Quiet = parsed.GetValue(Quiet),
                Verbose = parsed.GetValue(Verbose),
                Offline = parsed.GetValue(Offline),
            },
            Directory.GetCurrentDirectory(),
            Environment.GetEnvironmentVariable,
            Open(parsed, redactor),
            redactor,
            TimeProvider.System);

        var root = new RootCommand(
            """
            Carries a change from the line of code to the running task: scans, gates, builds, pushes, deploys, fixes, and proves it.
            Without a command it says in five lines what it sees here, and which command comes next.

            Example: secops scan                            run the scanners that fit; exit code 0 is clean and complete

            Example: secops report --format html,sarif      for people and for systems

            Example: secops init                            a configuration that fits the project
            """)
        {
            Config, Output, Json, Quiet, Verbose, NoColor, Offline,
            InitCommand.Create(OpenWorkspace),
            ScanCommand.Create(OpenWorkspace),
            BuildCommand.Create(OpenWorkspace),
            PushCommand.Create(OpenWorkspace),
            ReportCommand.Create(OpenWorkspace),
            DeployCommand.Create(OpenWorkspace),
            RunCommand.Create(OpenWorkspace),
            DoctorCommand.Create(OpenWorkspace),
            ToolsCommand.Create(OpenWorkspace),
            RemediateCommand.Create(OpenWorkspace),
            CompletionCommand.Create(OpenWorkspace),
        };
        HelpWithExamples.Install(root);
        root.SetAction((parsed, cancellation) => OverviewCommand.RunAsync(OpenWorkspace(parsed), cancellation));
        return root;
    }

    private static Terminal Open(ParseResult parsed, Redactor redactor)
    {
        var json = parsed.GetValue(Json);
        var people = json ? Console.IsErrorRedirected : Console.IsOutputRedirected;
        var plain = people || parsed.GetValue(NoColor) || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Environment.GetEnvironmentVariable("TERM") == "dumb";
        return new Terminal(redactor, Console.Out, Console.Error)
        {
            Json = json,
            Quiet = parsed.GetValue(Quiet),
            Color = !plain,
            Interactive = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("CI") is not { Length: > 0 },
            // A file or a pipe has no width: what is cut there could not be searched.
            Width = people ? 400 : WindowWidth(),
        };
    }

    private static int WindowWidth()
    {
        try
        {
            return Console.WindowWidth is > 20 and < 1000 and var width ? width : 100;
        }
        catch (IOException)
        {
            return 100;
        }
    }

    /// <summary>What is wrong with the command line, with the command or option that was probably meant; null when nothing is.</summary>
    private static string? Mistake(ParseResult parsed, string[] args)
    {
        var command = parsed.CommandResult.Command;
        var known = command.Subcommands.Select(c => c.Name).Concat(command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(o => o.Recursive)).Select(o => o.Name)).ToList();
        // The parser takes an option that there is not for a path or an id.
        var stray = args.Contains("--") ? null : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).FirstOrDefault(t => t.Value is ['-', _, ..])?.Value;
        if (stray is not null)
        {
            return $"Unrecognized option '{stray}'{(Suggestion.For(stray, known) is { Length: > 0 } near ? near : ".")}";
        }

        if (parsed.Errors.Count == 0)
        {
            return null;
        }

        var message = parsed.Errors[0].Message;
        var meant = parsed.UnmatchedTokens.Select(word => Suggestion.For(word, known)).FirstOrDefault(s => s.Length > 0);
        return meant is null ? message : message.TrimEnd('.') + meant;
    }

    private static string Help(ParseResult parsed)
    {
        var path = new List<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = at.Parent)
        {
            path.Insert(0, command.Command is RootCommand ? "secops" : command.Command.Name);
        }

        return $"See \"{string.Join(' ', path)} --help\".";
    }

    /// <summary>The first signal stops cleanly; the second ends everything at once.</summary>
    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (signal == PosixSignal.SIGINT && StageProcess.IsStage)
            {
                // Ctrl+C reaches every process of a terminal; "secops run" has it too, and tells its stages.
                return;
            }

            if (stop.IsCancellationRequested)
            {
                ProcessRunner.KillAll();
                Environment.Exit(ExitCode.Cancelled);
            }

            stop.Cancel();
        });
}
