using SecOps.Configuration;
using SecOps.Findings;
using SecOps.Reports;
using SecOps.Scanners;

namespace SecOps.Commands;

/// <summary>Plans the jobs, runs them, resolves the findings, decides, writes <c>.secops</c>, and tells.</summary>
internal sealed class ScanOperation(Workspace workspace, ScanOptions options)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(30);

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var path = workspace.FullPath(options.Path);
        if (!Path.Exists(path))
        {
            throw SecOpsException.Usage($"{options.Path} does not exist. Name a folder or a file to scan.");
        }

        var started = workspace.Clock.GetUtcNow();
        var (git, root) = workspace.RootOf(path);
        var configuration = workspace.Configuration(Directory.Exists(path) ? path : Path.GetDirectoryName(path)!);
        var policy = options.FailOn is { } severity ? configuration.Gate with { FailOn = severity } : configuration.Gate;
        if (options.Staged || options.Since is not null)
        {
            // What was there before the change is not the change's.
            policy = policy with { NewOnly = true };
        }

        var imports = options.Import.Select(Import).ToList();
        var scanners = Chosen(configuration, imports);
        var settings = Settings(workspace, configuration.Scan);
        if (options.DryRun)
        {
            using var targets = await ScanTargets.FindAsync(workspace, options, git, root, path, cancellation);
            new ScanPreview(workspace, settings).Say(imports, options.Aws, Jobs(scanners, targets, configuration, settings));
            return ExitCode.Clean;
        }

        workspace.OpenFolder();
        workspace.Log.Information("scan of {Path}: scanners {Scanners}, imports {Imports}", path, scanners.Select(s => s.Name), imports.Select(i => i.File));

        Heap.ReserveFor(imports.Select(i => i.File));
        var known = options.Baseline is { } name ? BaselineFile.Open(workspace.FullPath(name)) : null;
        // What gives its findings, once the run's are known: of those that are in both, little has to be read.
        Func<List<Finding>, IReadOnlyList<Finding>>? baseline = known is null ? null : known.Read;
        var outcomes = new List<ScanOutcome>(await Task.WhenAll(imports.Select(i => Task.Run(() => ScannerRun.Import(i, root, settings), CancellationToken.None))));
        if (options.Aws)
        {
            outcomes.AddRange(await new AwsFindings(workspace, configuration, options, root, settings).ReadAsync(cancellation));
        }

        var head = git?.HeadAsync(cancellation) ?? Task.FromResult<(string?, string?)>((null, null));
        if (scanners.Count > 0)
        {
            // A wrong file must not come out after an hour of scanning.
            await (known?.Ready ?? Task.CompletedTask);
            using var targets = await ScanTargets.FindAsync(workspace, options, git, root, path, cancellation);
            var jobs = Jobs(scanners, targets, configuration, settings);
            if (options.Shard is not null)
            {
                policy = policy with { Require = [.. policy.Require.Where(name => !scanners.Any(s => s.Name == name) || jobs.Any(j => j.Scanner.Name == name))] };
            }

            using var progress = ScanDisplay.Create(workspace.Terminal, workspace.Clock);
            using var run = new ScannerRun(
                workspace.Processes, workspace.Redactor, workspace.Tools, Path.Combine(workspace.Folder, "raw"), progress, Path.Combine(workspace.Folder, "cache"), settings, options.Jobs);
            var ended = await run.RunAsync(jobs, cancellation);
            outcomes.AddRange(ended.Select((o, i) => o with { Coverage = o.Coverage with { Scope = ScopeOf(jobs[i], targets) } }));
            if (targets.IsChange && known is null)
            {
                var earlier = Identity.Assign(ended.Select(o => o.Earlier));
                baseline = _ => earlier;
            }
        }

        outcomes.AddRange(LeftOut(configuration));
        var (commit, branch) = cancellation.IsCancellationRequested ? (null, null) : await head;
        var document = Resolve(outcomes, baseline, policy, configuration, new RunInfo
        {
            Id = Guid.NewGuid().ToString("N"),
            StartedAt = started,
            FinishedAt = workspace.Clock.GetUtcNow(),
            Commit = commit,
            Branch = branch,
            SecopsVersion = Product.Version,
        });
        await WriteAsync(document);
        TerminalReport.Write(workspace.Terminal, document);
        return cancellation.IsCancellationRequested ? ExitCode.Cancelled : Code(document.Gate!.Verdict);
    }

    /// <summary>The exit code of a verdict.</summary>
    public static int Code(Verdict verdict) => verdict switch
    {
        Verdict.Passed => ExitCode.Clean,
        Verdict.Failed => ExitCode.GateFailed,
        _ => ExitCode.Incomplete,
    };

    private static ImportJob Import(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || equals == argument.Length - 1)
        {
            throw SecOpsException.Usage($"--import {argument}: write TOOL=FILE, e.g. --import bandit=report.json.");
        }

        var name = CommandValues.Known("--import", argument[..equals], ScannerList.Readers.Select(r => r.Name));
        return new ImportJob(ScannerList.Find(name)!, argument[(equals + 1)..]);
    }

    /// <summary>What the command line names, else what the configuration names, else everything; a tool whose report is imported is not run on the source as well.</summary>
    private List<IScanner> Chosen(SecOpsConfiguration configuration, List<ImportJob> imports)
    {
        var known = ScannerList.Scanners.Select(s => s.Name).ToList();
        foreach (var name in options.Only)
        {
            CommandValues.Known("--only", name, known);
        }

        foreach (var name in options.Skip)
        {
            CommandValues.Known("--skip", name, known);
            if (options.Only.Contains(name))
            {
                throw SecOpsException.Usage($"--only and --skip both name {name}. Leave it out of one of them.");
            }
        }

        // Beside what is read only what is named is scanned as well.
        if ((imports.Count > 0 || options is { Aws: true, PathNamed: false }) && options is { Only: [], Image: [], Url: null, Staged: false, Since: null })
        {
            return [];
        }

        var imported = options is { Image: [], Url: null } ? imports.ConvertAll(i => i.Reader.Name) : [];
        var wanted = options.Only.Count > 0 ? options.Only : configuration.Scan.Only;
        return [.. ScannerList.Scanners.Where(s =>
            (wanted.Count == 0 || wanted.Contains(s.Name))
            && !options.Skip.Contains(s.Name)
            && (options.Only.Contains(s.Name) || !configuration.Scan.Skip.Contains(s.Name))
            && !imported.Contains(s.Name))];
    }

    private bool IsRequired(IScanner scanner, SecOpsConfiguration configuration) =>
        options.Only.Contains(scanner.Name) || configuration.Gate.Require.Contains(scanner.Name);

    /// <summary>What was left out stays visible: a skipped scanner is no clean scanner.</summary>
    private IEnumerable<ScanOutcome> LeftOut(SecOpsConfiguration configuration) =>
        options.Skip.Select(name => new ScanOutcome(
            new Coverage
            {
                Scanner = name,
                Target = options.Path,
                Status = CoverageStatus.Skipped,
                Message = "left out with --skip",
                Required = configuration.Gate.Require.Contains(name),
            },
            []));

    /// <summary>Each scanner with each target that it fits; one that is required but fits nothing is told to be complete nevertheless.</summary>
    private List<ScanJob> Jobs(List<IScanner> scanners, ScanTargets found, SecOpsConfiguration configuration, ScannerSettings settings)
    {
        var targets = found.Targets;
        var timeout = options.Timeout ?? configuration.Scan.Timeout ?? DefaultTimeout;
        var jobs = new List<ScanJob>();
        foreach (var scanner in scanners)
        {
            var required = IsRequired(scanner, configuration);
            var fitting = targets.Select(t => OfShard(scanner, t)).OfType<ScanTarget>().Where(t => scanner.Fits(t) && (required || scanner.IsSetUp(t, settings))).ToList();
            jobs.AddRange(fitting.Select(t => new ScanJob(scanner, t, required || IsNamed(scanner, t, scanners), timeout)
            {
                Earlier = t is SourceTarget && options.Baseline is null && found.Earlier is { } earlier ? OfShard(scanner, earlier) as SourceTarget : null,
            }));
            if (fitting.Count == 0 && options.Shard is null && required)
            {
                jobs.Add(new ScanJob(scanner, targets[0], true, timeout));
            }
        }

        return jobs;
    }

    /// <summary>An image or address that the command line names must be scanned: by the scanners that are there, or, when none is, the run is incomplete.</summary>
    private bool IsNamed(IScanner scanner, ScanTarget target, List<IScanner> scanners) =>
        target is not SourceTarget && (workspace.Tools.Find(scanner.Tool) is not null || !scanners.Any(s => s.Fits(target) && workspace.Tools.Find(s.Tool) is not null));

    /// <summary>What this shard takes of a target; null: nothing. Scanners that look at files take theirs, others a target as a whole.</summary>
    private ScanTarget? OfShard(IScanner scanner, ScanTarget target) =>
        options.Shard is not { } shard ? target
            : scanner is IFileScanner && target is SourceTarget source ? source with { Files = [.. source.Files.Where(shard.Takes)] }
            : shard.Takes($"{scanner.Name} {target.Shown}") ? target : null;

    private IReadOnlyList<string>? ScopeOf(ScanJob job, ScanTargets targets) =>
        job.Target is not SourceTarget source ? [] : options.Shard is not null && job.Scanner is IFileScanner ? source.Files : targets.Scope;

    /// <summary>What is configured for scanners here.</summary>
    public static ScannerSettings Settings(Workspace workspace, ScanSection section) => new()
    {
        Variable = workspace.Variable,
        Containers = section.Containers,
        Images = section.Images,
        Offline = workspace.Options.Offline,
        Licenses = section.Licenses,
        TrivyCommand = section.Trivy ?? "fs",
        ZapMode = section.Zap ?? "baseline",
        WapitiModules = section.WapitiModules,
        SonarUrl = section.SonarUrl,
        SonarProject = section.SonarProject,
    };

    private FindingsDocument Resolve(List<ScanOutcome> outcomes, Func<List<Finding>, IReadOnlyList<Finding>>? baseline, GatePolicy policy, SecOpsConfiguration configuration, RunInfo run)
    {
        var now = workspace.Clock.GetUtcNow();
        var findings = Identity.Assign(outcomes.Select(o => o.Findings));
        for (var i = 0; i < findings.Count && !workspace.Redactor.IsEmpty; i++)
        {
            findings[i] = SecretScrubber.Scrub(findings[i], workspace.Redactor);
        }

        IReadOnlyList<Coverage> looked = [.. outcomes.Select(o => o.Coverage)];
        var placed = baseline is null ? findings : Matching.Apply(baseline(findings), findings, looked);
        var waived = Waivers.Apply(configuration.Waivers, placed, DateOnly.FromDateTime(now.UtcDateTime));
        List<Coverage> coverage = [.. outcomes.Select(o => SecretScrubber.Scrub(o.Coverage, workspace.Redactor)).OrderBy(c => c.Scanner, StringComparer.Ordinal).ThenBy(c => c.Target, StringComparer.Ordinal)];
        return new FindingsDocument
        {
            Run = run,
            Coverage = coverage,
            Findings = waived.Findings,
            WaiverNotes = waived.Notes,
            Gate = Gate.Evaluate(policy, waived.Findings, coverage, now, waived.Expired),
        };
    }

    private async Task WriteAsync(FindingsDocument document)
    {
        var findings = Task.Run(() => AtomicFile.Write(workspace.FindingsFile, stream => FindingsWriter.Write(stream, document), FindingsWriter.Length(document)));
        try
        {
            AtomicFile.Write(
                Path.Combine(workspace.Folder, "gate.json"),
                stream =>
                {
                    FindingsWriter.Write(stream, document.Gate!);
                    // No verdict on findings that could not be written.
                    findings.GetAwaiter().GetResult();
                },
                FindingsWriter.Length(document.Gate!));
        }
        finally
        {
            await findings;
        }

        if (workspace.Options.Json)
        {
            workspace.Terminal.Result(await File.ReadAllTextAsync(workspace.FindingsFile));
        }
    }
}
