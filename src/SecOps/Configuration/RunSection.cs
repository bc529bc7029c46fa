namespace SecOps.Configuration;

/// <summary>The <c>run</c> section: what <c>secops run</c> does.</summary>
public sealed record RunSection
{
    /// <summary>In order of the file. Names are unique, and what a stage needs stands before it.</summary>
    public IReadOnlyList<RunStage> Stages { get; init; } = [];

    internal static RunSection Read(YamlMap map)
    {
        var stages = new List<RunStage>();
        foreach (var (stage, place) in map.Items("stages", "The stages, in order.", Stage))
        {
            var earlier = stages.Select(s => s.Name).ToList();
            if (earlier.Contains(stage.Name))
            {
                throw place.Error($"there are two stages named \"{stage.Name}\"", "name");
            }

            if (stage.Needs?.FirstOrDefault(n => !earlier.Contains(n)) is { } unknown)
            {
                throw place.Error($"stage \"{stage.Name}\" needs \"{unknown}\", which does not stand before it{Suggestion.For(unknown, earlier)}", "needs");
            }

            // Without needs a stage follows the one before it: that is what an order means.
            stages.Add(stage with { Needs = stage.Needs ?? [.. earlier.TakeLast(1)] });
        }

        return new RunSection { Stages = stages };
    }

    private static (RunStage Stage, YamlMap Place) Stage(YamlMap map)
    {
        var name = map.Text("name", "Names the stage in --from, --until and the summary. Required.");
        var command = map.Text("command", "The secops command with its options, e.g. \"scan . --fail-on high\". Required.");
        var needs = map.List("needs", "Stages that must have succeeded. Default: the one before; [] for none, then it may run beside others.");
        var always = map.Flag("always", "Also run when a stage that it needs, or one before that, has failed: for reports and notifications. Default: false.") ?? false;
        if (!map.Describing && (name is null || command is null))
        {
            throw map.Error("a stage needs name and command");
        }

        IReadOnlyList<string> arguments;
        try
        {
            arguments = CommandLine.Split(command ?? "");
        }
        catch (FormatException e)
        {
            throw map.Error(e.Message, "command");
        }

        arguments = arguments.Count > 0 && arguments[0] == "secops" ? [.. arguments.Skip(1)] : arguments;
        if (!map.Describing && (arguments.Count == 0 || arguments[0] == "run"))
        {
            throw map.Error(arguments.Count == 0 ? "a stage needs a command" : "a stage cannot be \"run\" itself", "command");
        }

        return (new RunStage(name ?? "", arguments, needs, always), map);
    }
}

/// <param name="Arguments">The subcommand and its options, without "secops".</param>
/// <param name="Needs">Names of earlier stages; null: not given.</param>
/// <param name="Always">Runs once what it needs has ended, however that went.</param>
public sealed record RunStage(string Name, IReadOnlyList<string> Arguments, IReadOnlyList<string>? Needs, bool Always = false);
