using SecOps.Findings;

namespace SecOps.Configuration;

/// <summary>The <c>gate</c> section.</summary>
internal static class GateSection
{
    public static GatePolicy Read(YamlMap map)
    {
        var defaults = new GatePolicy();
        return new GatePolicy
        {
            FailOn = map.Severity("failOn", "The lowest severity that fails. Default: high.") ?? defaults.FailOn,
            Categories = map.Dictionary("categories", "Another threshold for a category, e.g. secret: low.", Words.Categories, Words.Severities)
                .ToDictionary(c => Parse<Category>(c.Key), c => Parse<Severity>(c.Value)),
            NewOnly = map.Flag("newOnly", "Only findings that the baseline does not know can fail. Default: false.") ?? defaults.NewOnly,
            Require = map.List("require", "Scanners that must have completed, or the run is incomplete (exit code 3).") ?? defaults.Require,
            QualityGate = map.Flag("qualityGate", "A failed quality gate of SonarQube fails this gate too. Default: false.") ?? defaults.QualityGate,
            MaxDatabaseAge = map.Duration("maxDatabaseAge", "A scanner's vulnerability database older than this makes the run incomplete, e.g. 7d."),
        };
    }

    private static T Parse<T>(string word)
        where T : struct, Enum => Words.TryParse<T>(word, out var value) ? value : throw new ArgumentException(word);
}
