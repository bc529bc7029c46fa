using SecOps.Remediation.Requirements;

namespace SecOps.Remediation.Python.Rules;

/// <summary>B314, B318, B405, B408: XML parsers that expand entities without end. defusedxml has the same functions and refuses that.</summary>
internal sealed class HostileXml() : PythonRule("B314", "B318", "B405", "B408")
{
    private static readonly Dictionary<string, (string Safe, string[] Functions)> Modules = new(StringComparer.Ordinal)
    {
        ["xml.etree.ElementTree"] = ("defusedxml.ElementTree", ["parse", "iterparse", "fromstring", "XML", "XMLParser", "tostring", "ParseError"]),
        ["xml.etree.cElementTree"] = ("defusedxml.ElementTree", ["parse", "iterparse", "fromstring", "XML", "XMLParser", "tostring", "ParseError"]),
        ["xml.dom.minidom"] = ("defusedxml.minidom", ["parse", "parseString"]),
    };

    protected override string? Fix(PythonFix fix)
    {
        var source = fix.Source;
        var module = fix.RuleId is "B318" or "B408" ? Modules.Where(m => m.Key.StartsWith("xml.dom", StringComparison.Ordinal)) : Modules.Where(m => !m.Key.StartsWith("xml.dom", StringComparison.Ordinal));
        var imports = source.Imports.Names.Where(n => module.Any(m => n.Qualified == m.Key || n.Qualified.StartsWith(m.Key + ".", StringComparison.Ordinal))).ToList();
        if (imports.Select(i => i.Statement).Distinct().ToList() is not [var statement])
        {
            return "the parser's import is not one statement";
        }

        var (name, (safe, functions)) = module.First(m => imports[0].Qualified == m.Key || imports[0].Qualified.StartsWith(m.Key + ".", StringComparison.Ordinal));
        foreach (var import in imports)
        {
            if (Unknown(source, import, name, functions) is { } used)
            {
                return $"the file also uses {used}, which defusedxml does not have: import both, and parse with defusedxml";
            }
        }

        if (RequirementsEditor.Require(fix.Request.Tree, fix.Path, "defusedxml", "0.7.1") is not { } requirement)
        {
            return "no requirements file that could name defusedxml";
        }

        Rewrite(fix, statement, imports[0], name, safe);
        if (requirement.Change is { } change)
        {
            fix.Change(change);
        }

        fix.Summary = "Parse XML with defusedxml";
        fix.Risk = "A document with entities or an external DTD is refused. defusedxml has to be installed.";
        return null;
    }

    private static string? Unknown(PythonSource source, ImportedName import, string module, string[] functions)
    {
        if (import.Qualified != module)
        {
            var member = import.Qualified[(module.Length + 1)..];
            return functions.Contains(member) ? null : member;
        }

        var prefix = import.Local == "xml" ? import.Qualified.Split('.') : [import.Local];
        foreach (var use in source.Uses(prefix[0]).Where(u => source.StatementAt(u) != import.Statement))
        {
            var member = use + prefix.Length * 2;
            if (!source.Is(member - 1, ".") || !functions.Contains(source.TextOf(member)))
            {
                return source.TextOf(use, Math.Min(member, source.Tokens.Count - 1));
            }
        }

        return null;
    }

    private static void Rewrite(PythonFix fix, Statement statement, ImportedName import, string module, string safe)
    {
        var source = fix.Source;
        var parts = module.Split('.');
        if (import.Qualified != module)
        {
            // from xml.etree.ElementTree import parse
            fix.Replace(statement.First + 1, statement.First + 1 + (parts.Length - 1) * 2, safe);
        }
        else if (import.IsFrom)
        {
            // from xml.etree import ElementTree [as ET]
            fix.Replace(statement.First + 1, statement.First + 1 + (parts.Length - 2) * 2, "defusedxml");
            if (source.TextOf(import.NameToken) != safe.Split('.')[1])
            {
                fix.Replace(import.NameToken, import.NameToken, safe.Split('.')[1]);
            }
        }
        else
        {
            // import xml.etree.ElementTree [as ET]
            fix.Replace(import.NameToken, import.NameToken + (parts.Length - 1) * 2, safe);
            if (import.Local == "xml")
            {
                foreach (var use in source.Uses("xml").Where(u => source.StatementAt(u) != statement))
                {
                    fix.Replace(use, use + (parts.Length - 1) * 2, safe);
                }
            }
        }
    }
}
