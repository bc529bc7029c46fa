using System.CommandLine;

namespace SecOps.Commands;

/// <summary>
/// <c>secops completion SHELL</c>: prints a script that asks secops itself what may come next
/// (<c>[suggest:POSITION]</c>, see https://learn.microsoft.com/dotnet/standard/commandline/how-to-enable-tab-completion).
/// </summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            _secops() {
              local IFS=$'\n'
              COMPREPLY=($(secops "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null | grep -F -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _secops secops

            """,
        ["zsh"] = """
            #compdef secops
            _secops() {
              local -a words_found
              words_found=("${(@f)$(secops "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
              compadd -- $words_found
            }
            compdef _secops secops

            """,
        ["fish"] = """
            complete -c secops -f -a '(secops "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'

            """,
        ["powershell"] = """
            Register-ArgumentCompleter -Native -CommandName secops -ScriptBlock {
              param($word, $line, $position)
              secops "[suggest:$position]" "$line" | Where-Object { $_ -like "$word*" } | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
              }
            }

            """,
    };

    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var shell = new Argument<string>("shell") { Description = $"One of {string.Join(", ", Scripts.Keys)}.", HelpName = "SHELL" };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        var command = new Command("completion", "Print a completion script for a shell.\n\nExample: source <(secops completion bash)") { shell };
        command.SetAction((parsed, _) =>
        {
            using var workspace = open(parsed);
            workspace.Terminal.Result(Scripts[CommandValues.Known("completion", parsed.GetValue(shell)!, Scripts.Keys)]);
            return Task.FromResult(ExitCode.Clean);
        });
        return command;
    }
}
