namespace SecOps.Remediation.Python.Rules;

/// <summary>B506: yaml.load builds any object that the text names.</summary>
internal sealed class YamlLoad() : PythonRule("B506")
{
    private static readonly HashSet<string> Unsafe = new(StringComparer.Ordinal)
    {
        "Loader", "CLoader", "UnsafeLoader", "CUnsafeLoader", "FullLoader", "CFullLoader",
    };

    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => fix.Qualified(c) == "yaml.load") is not { } call)
        {
            return "no call of yaml.load stands there";
        }

        var loader = call.Keyword("Loader") ?? call.Positional.ElementAtOrDefault(1);
        if (call.HasSpread || call.Arguments.Count != (loader is null ? 1 : 2))
        {
            return "its arguments are not a text and a loader";
        }

        if (loader is not null)
        {
            var name = fix.Source.Imports.Qualify(fix.Source.TextOf(loader.Value, loader.Last));
            if (!name.StartsWith("yaml.", StringComparison.Ordinal) || !Unsafe.Contains(name[(name.LastIndexOf('.') + 1)..]))
            {
                return $"{name} is a loader of the project's own, which safe_load would leave out";
            }

            fix.Remove(call, loader);
        }

        if (call.Name.Contains('.', StringComparison.Ordinal))
        {
            fix.Replace(call.Open - 1, call.Open - 1, "safe_load");
        }
        else if (fix.ImportFrom("yaml", "safe_load") is { } local)
        {
            fix.Replace(call.First, call.Open - 1, local);
        }
        else
        {
            return "the name safe_load is taken in this file";
        }

        fix.Summary = "Load YAML with safe_load";
        fix.Risk = "Documents with Python-specific tags (!!python/…) no longer load.";
        return null;
    }
}
