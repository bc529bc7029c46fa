namespace SecOps.Remediation.Python.Rules;

/// <summary>Which mark stands for a parameter: the driver's own (PEP 249, paramstyle).</summary>
internal static class SqlDriver
{
    private static readonly Dictionary<string, string> Placeholders = new(StringComparer.Ordinal)
    {
        ["sqlite3"] = "?", ["pyodbc"] = "?", ["duckdb"] = "?", ["apsw"] = "?",
        ["psycopg2"] = "%s", ["psycopg"] = "%s", ["MySQLdb"] = "%s", ["pymysql"] = "%s", ["mysql.connector"] = "%s", ["mariadb"] = "?", ["pymssql"] = "%s",
    };

    /// <summary>By the file's own imports, else by those of the whole tree when they agree; null when that can't be told.</summary>
    public static string? Placeholder(PythonFix fix)
    {
        if (fix.Source.Imports.Imports("sqlalchemy") || fix.Source.Imports.Imports("django"))
        {
            // They wrap what execute() takes.
            return null;
        }

        var own = Placeholders.Where(d => fix.Source.Imports.Imports(d.Key)).Select(d => d.Value).Distinct().ToList();
        return own.Count == 1 ? own[0] : own.Count > 1 ? null : OfTree(fix.Request.Tree);
    }

    private static string? OfTree(SourceTree tree)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in tree.Files.Where(f => f.EndsWith(".py", StringComparison.Ordinal)))
        {
            if (tree.Read(file) is not { } text || !Placeholders.Keys.Any(d => text.Contains(d, StringComparison.Ordinal)))
            {
                continue;
            }

            try
            {
                var imports = new PythonSource(text).Imports;
                found.UnionWith(Placeholders.Where(d => imports.Imports(d.Key)).Select(d => d.Value));
            }
            catch (PythonSyntaxException)
            {
                // A file that can't be read tells nothing.
            }
        }

        return found.Count == 1 ? found.First() : null;
    }
}
