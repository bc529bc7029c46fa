using System.CommandLine;
using System.CommandLine.Completions;
using System.Text;
using System.Text.Json;
using SecOps.Configuration;
using SecOps.Scanners;
using SecOps.Toolbox;

namespace SecOps.Commands;

/// <summary><c>secops tools</c>: the scanners, pinned.</summary>
internal static class ToolsCommand
{
    public static Command Create(Func<ParseResult, Workspace> open)
    {
        var installNames = Names("The tools to install. Default: all that can be installed here.");
        var force = new Option<bool>("--force") { Description = "Install again also what is there." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be installed, and from where." };
        var install = new Command("install", "Install pinned tools into the user's tool folder. Nothing on the system changes.\n\nExample: secops tools install bandit") { installNames, force, dryRun };
        install.SetAction(async (parsed, cancellation) =>
        {
            using var workspace = open(parsed);
            return await InstallAsync(workspace, parsed.GetValue(installNames) ?? [], parsed.GetValue(force), parsed.GetValue(dryRun), cancellation);
        });

        var verifyNames = Names("The tools to verify. Default: all that are installed.");
        var verify = new Command("verify", "Compare installed tools, file by file, with what was installed.\n\nExample: secops tools verify") { verifyNames };
        verify.SetAction((parsed, _) =>
        {
            using var workspace = open(parsed);
            return Task.FromResult(Verify(workspace, parsed.GetValue(verifyNames) ?? []));
        });

        var list = new Command("list", "List the tools: pinned version, and which one is used here.\n\nExample: secops tools list --json");
        list.SetAction(async (parsed, cancellation) =>
        {
            using var workspace = open(parsed);
            return await ToolsList.RunAsync(workspace, cancellation);
        });
        return new Command("tools", "List, install and verify the scanners.\n\nExample: secops tools install bandit") { list, install, verify };
    }

    /// <summary>As its scanner describes it, or for a tool without a scanner by its name alone.</summary>
    public static ToolSpecification Specification(LockedTool tool) =>
        ScannerList.Scanners.FirstOrDefault(s => s.Tool.Name == tool.Name)?.Tool ?? new ToolSpecification(tool.Name, tool.Executable);

    private static Argument<string[]> Names(string description)
    {
        var names = new Argument<string[]>("name") { Description = description, HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore };
        // Only when asked: the lock file is not read at every start.
        names.CompletionSources.Add(_ => ToolLock.Own.Tools.Select(t => new CompletionItem(t.Name)));
        return names;
    }

    private static List<LockedTool> Chosen(IReadOnlyList<string> names, Func<LockedTool, bool> byDefault) => names.Count == 0
        ? [.. ToolLock.Own.Tools.Where(byDefault)]
        : [.. names.Distinct().Select(Named)];

    private static LockedTool Named(string name)
    {
        if (ToolLock.Own.Find(name) is { } tool)
        {
            return tool;
        }

        var known = ToolLock.Own.Tools.Select(t => t.Name);
        throw ScannerList.Scanners.FirstOrDefault(s => s.Tool.Name == name) is { } scanner
            ? SecOpsException.Usage($"secops cannot install {name}: {ToolLock.Advice(scanner.Tool)}. It installs {string.Join(", ", known)}.")
            : SecOpsException.Usage($"there is no tool {name}; known are {string.Join(", ", known)}{(Suggestion.For(name, known) is { Length: > 0 } near ? near : ".")}");
    }

    private static async Task<int> InstallAsync(Workspace workspace, IReadOnlyList<string> names, bool force, bool dryRun, CancellationToken cancellation)
    {
        var terminal = workspace.Terminal;
        var settings = new InstallSettings
        {
            Offline = workspace.Options.Offline,
            Force = force,
            Mirror = workspace.Configuration(workspace.Directory).Tools.Mirror is { Length: > 0 } mirror ? (mirror.Contains("://", StringComparison.Ordinal) ? mirror : workspace.FullPath(mirror)) : null,
            SearchPath = workspace.Variable("PATH"),
        };
        var installer = new ToolInstaller(workspace.Processes, workspace.Tools.Folder, UserCache.Of(workspace.Variable), settings, workspace.Clock, terminal.Progress);
        var tools = Chosen(names, t => installer.Sources(t).Count > 0);
        var results = new List<InstallResult>();
        string? failure = null;
        foreach (var tool in tools)
        {
            if (dryRun)
            {
                var there = installer.Present(tool) is not null;
                var from = string.Join(", else ", installer.Sources(tool));
                results.Add(new InstallResult(tool.Name, tool.Version, there ? "alreadyInstalled" : "wouldInstall", from, workspace.Tools.Folder.FolderOf(tool.Name, tool.Version)));
                terminal.Say(there ? $"{tool.Name} {tool.Version} is installed already" : $"{tool.Name} {tool.Version} would be installed from {(from.Length > 0 ? from : "nowhere: no source fits")}");
                continue;
            }

            try
            {
                var result = await installer.InstallAsync(tool, Specification(tool), cancellation);
                results.Add(result);
                terminal.Say($"{result.Name} {result.Version} {(result.Status == "installed" ? "installed" : "is installed already")}, from {result.Source}: {result.Path}");
            }
            catch (SecOpsException e)
            {
                // The others are still worth having.
                failure = e.Message;
                terminal.Error(e.Message);
                results.Add(new InstallResult(tool.Name, tool.Version, "failed", e.Message, ""));
            }
        }

        Print(terminal, json =>
        {
            foreach (var result in results)
            {
                json.WriteStartObject();
                json.WriteString("name", result.Name);
                json.WriteString("version", result.Version);
                json.WriteString("status", result.Status);
                json.WriteString(result.Status == "failed" ? "message" : "source", result.Source);
                json.WriteString("path", result.Path.Length > 0 ? result.Path : null);
                json.WriteEndObject();
            }
        });
        return failure is null ? ExitCode.Clean : ExitCode.ToolFailed;
    }

    private static int Verify(Workspace workspace, IReadOnlyList<string> names)
    {
        var terminal = workspace.Terminal;
        var code = ExitCode.Clean;
        var rows = new List<(string Name, string? Version, string Status, IReadOnlyList<string> Problems)>();
        foreach (var tool in Chosen(names, t => workspace.Tools.Folder.Installed(t.Name).Count > 0))
        {
            var installed = workspace.Tools.Folder.Installed(tool.Name);
            if (installed.Count == 0)
            {
                rows.Add((tool.Name, null, "notInstalled", []));
                terminal.Error($"{tool.Name} is not installed in {workspace.Tools.Folder.Root}. Run \"secops tools install {tool.Name}\".");
                code = code == ExitCode.Clean ? ExitCode.Incomplete : code;
            }

            foreach (var (version, folder) in installed)
            {
                var problems = InstalledManifest.Read(folder).Differences(folder);
                rows.Add((tool.Name, version, problems.Count == 0 ? "ok" : "changed", problems));
                if (problems.Count == 0)
                {
                    terminal.Say($"{tool.Name} {version}: as installed");
                    continue;
                }

                code = ExitCode.ToolFailed;
                terminal.Error($"{tool.Name} {version} is not as it was installed: {string.Join(", ", problems.Take(5).Select(Terminal.Clean))}{(problems.Count > 5 ? $" and {problems.Count - 5} more" : "")}. Run \"secops tools install {tool.Name} --force\".");
            }
        }

        if (rows.Count == 0)
        {
            terminal.Say($"nothing is installed in {workspace.Tools.Folder.Root}; tools on PATH are not secops' own to verify");
        }

        Print(terminal, json =>
        {
            foreach (var row in rows)
            {
                json.WriteStartObject();
                json.WriteString("name", row.Name);
                json.WriteString("version", row.Version);
                json.WriteString("status", row.Status);
                json.WriteStartArray("problems");
                foreach (var problem in row.Problems)
                {
                    json.WriteStringValue(problem);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }
        });
        return code;
    }

    /// <summary><c>{"tools": [...]}</c> on standard output where <c>--json</c> asks for it.</summary>
    public static void Print(Terminal terminal, Action<Utf8JsonWriter> rows)
    {
        if (!terminal.Json)
        {
            return;
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("tools");
            rows(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        terminal.Result(Encoding.UTF8.GetString(buffer.ToArray()) + "\n");
    }
}
