namespace SecOps.Remediation.Python;

/// <summary>What the import statements of a file bind, and where another one belongs.</summary>
internal sealed class PythonImports
{
    /// <summary>Modules of the standard library that rules or their neighbours import: tells the group in which an import belongs.</summary>
    private static readonly HashSet<string> StandardLibrary = new(StringComparer.Ordinal)
    {
        "abc", "argparse", "array", "ast", "asyncio", "base64", "binascii", "bisect", "bz2", "calendar", "collections", "concurrent", "configparser",
        "contextlib", "copy", "csv", "ctypes", "dataclasses", "datetime", "decimal", "difflib", "email", "enum", "errno", "fcntl", "fnmatch",
        "fractions", "ftplib", "functools", "gc", "getpass", "glob", "gzip", "hashlib", "heapq", "hmac", "html", "http", "imaplib", "importlib",
        "inspect", "io", "ipaddress", "itertools", "json", "locale", "logging", "lzma", "math", "mimetypes", "multiprocessing", "operator", "os",
        "pathlib", "pickle", "platform", "pprint", "queue", "random", "re", "sched", "secrets", "select", "shelve", "shlex", "shutil", "signal",
        "smtplib", "socket", "socketserver", "sqlite3", "ssl", "stat", "statistics", "string", "struct", "subprocess", "sys", "syslog", "tarfile",
        "telnetlib", "tempfile", "textwrap", "threading", "time", "timeit", "tomllib", "traceback", "types", "typing", "unittest", "urllib", "uuid",
        "venv", "warnings", "weakref", "xml", "xmlrpc", "zipfile", "zlib", "zoneinfo",
    };

    private readonly PythonSource source;
    private readonly List<ImportedName> names = [];

    public PythonImports(PythonSource source)
    {
        this.source = source;
        foreach (var statement in source.Statements)
        {
            if (source.Is(statement.First, "import"))
            {
                ReadImport(statement);
            }
            else if (source.Is(statement.First, "from"))
            {
                ReadFrom(statement);
            }
        }
    }

    public IReadOnlyList<ImportedName> Names => names;

    /// <summary>The full name behind a name as written: <c>sp.run</c> is <c>subprocess.run</c> after <c>import subprocess as sp</c>.</summary>
    public string Qualify(string written)
    {
        var dot = written.IndexOf('.', StringComparison.Ordinal);
        var first = dot < 0 ? written : written[..dot];
        var rest = dot < 0 ? "" : written[dot..];
        var import = names.Find(n => n.Local == first && (n.IsFrom || n.Qualified.Split('.')[0] != n.Local));
        return import is null ? written : import.Qualified + rest;
    }

    public bool Imports(string module) => names.Exists(n => n.Qualified == module || n.Qualified.StartsWith(module + ".", StringComparison.Ordinal));

    /// <summary>The local name of a module, or of a member of one, imported at the top of the file.</summary>
    public string? LocalName(string qualified) => names.Find(n => n.Qualified == qualified && n.Statement.Indent.Length == 0)?.Local;

    /// <summary>
    /// The edit that imports a module or, with a name, one of its members, in the right group and the right order.
    /// Null when the name is taken by something else in this file.
    /// </summary>
    public ImportEdit? Add(string module, string? member = null)
    {
        var local = member ?? module.Split('.')[0];
        if (IsTaken(local, member is null ? module : $"{module}.{member}"))
        {
            return null;
        }

        var existing = member is null ? null : source.Statements.FirstOrDefault(s => s.Indent.Length == 0 && source.Is(s.First, "from") && ModuleOf(s) == module);
        return existing is null ? NewStatement(module, member) : Extend(existing, member!);
    }

    private bool IsTaken(string local, string qualified)
    {
        if (names.Exists(n => n.Local == local && n.Qualified != qualified && !(n.Local == n.Qualified && qualified.StartsWith(local + ".", StringComparison.Ordinal))))
        {
            return true;
        }

        foreach (var use in source.Uses(local))
        {
            var statement = source.StatementAt(use);
            var bound = source.Is(use + 1, "=") || source.Is(use + 1, ":=") || source.Is(use - 1, "def") || source.Is(use - 1, "class") || source.Is(use - 1, "as")
                || source.Is(use - 1, "for") || source.Is(use - 1, "global") || (statement is not null && source.Is(statement.First, "def") && use > statement.First)
                || (statement is not null && source.Is(statement.First, "for") && source.Uses("in", statement.First, statement.Last).Any());
            if (bound && statement is not null && !source.Is(statement.First, "import") && !source.Is(statement.First, "from"))
            {
                return true;
            }
        }

        return false;
    }

    private ImportEdit Extend(Statement from, string member)
    {
        var imported = names.Where(n => n.Statement == from).ToList();
        var next = imported.Find(n => string.CompareOrdinal(source.TextOf(n.NameToken), member) > 0);
        var sameLine = source.LineOf(source.Tokens[from.First].Start) == source.LineOf(source.Tokens[from.Last].Start);
        if (next is not null)
        {
            var at = source.Tokens[next.NameToken].Start;
            var separator = sameLine || imported.Count < 2 ? " " : source.LineEnd + IndentAt(at);
            return new ImportEdit(at, "", member + "," + separator, "");
        }

        var last = imported[^1];
        var end = source.Tokens[AfterAlias(last.NameToken)].End;
        var before = sameLine ? " " : source.LineEnd + IndentAt(source.Tokens[last.NameToken].Start);
        return new ImportEdit(end, "", "," + before + member, "");
    }

    private string IndentAt(int position)
    {
        var start = source.StartOfLine(source.LineOf(position));
        var line = source.Text[start..position];
        return line[..(line.Length - line.TrimStart().Length)];
    }

    private int AfterAlias(int nameToken) => source.Is(nameToken + 1, "as") ? nameToken + 2 : nameToken;

    private ImportEdit NewStatement(string module, string? member)
    {
        var line = (member is null ? $"import {module}" : $"from {module} import {member}") + source.LineEnd;
        var isStandard = IsStandard(module);
        var block = TopImports();
        var group = block.Where(s => IsStandard(ModuleOf(s)) == isStandard && ModuleOf(s) != "__future__").ToList();
        if (group.Count > 0)
        {
            // Among statements of its own kind, by name; plain imports come before from-imports where the file does so.
            var kind = group.Where(s => source.Is(s.First, member is null ? "import" : "from")).ToList();
            var next = kind.Find(s => string.CompareOrdinal(ModuleOf(s), module) > 0);
            if (next is not null)
            {
                return Before(next, line);
            }

            return kind.Count > 0 ? After(kind[^1], line) : member is null ? Before(group[0], line) : After(group[^1], line);
        }

        var future = block.Where(s => ModuleOf(s) == "__future__").ToList();
        if (block.Count > future.Count)
        {
            var rest = block.Except(future).ToList();
            // The standard library stands before everything else; third parties before the project's own, which nobody can tell here.
            return isStandard ? Before(rest[0], line) with { Trail = source.LineEnd }
                : rest.FindLast(s => IsStandard(ModuleOf(s))) is { } last ? After(last, line) with { Lead = source.LineEnd } : Before(rest[0], line);
        }

        if (future.Count > 0)
        {
            return After(future[^1], line) with { Lead = source.LineEnd };
        }

        var first = source.Statements.Count > 0 ? source.Statements[0] : null;
        if (first is not null && IsDocstring(first))
        {
            return After(first, line) with { Lead = source.LineEnd, Trail = NextIsBlank(first) ? "" : source.LineEnd };
        }

        // Below the shebang and the comments that begin the file.
        var at = source.Text.StartsWith('\uFEFF') ? 1 : 0;
        var top = 1;
        while (top <= source.LineCount && source.Comments.Contains(source.StartOfLine(top)))
        {
            top++;
        }

        var start = top > 1 ? (top > source.LineCount ? source.Text.Length : source.StartOfLine(top)) : at;
        var blank = start < source.Text.Length && source.Text[start] is '\n' or '\r';
        var definition = first is not null && (source.Is(first.First, "def") || source.Is(first.First, "class") || source.Is(first.First, "async") || source.Is(first.First, "@"));
        return new ImportEdit(start, top > 1 ? source.LineEnd : "", line, blank ? "" : definition ? source.LineEnd + source.LineEnd : source.LineEnd);
    }

    /// <summary>The import statements with which the file begins.</summary>
    private List<Statement> TopImports()
    {
        var block = new List<Statement>();
        foreach (var statement in source.Statements)
        {
            if (statement.Indent.Length == 0 && (source.Is(statement.First, "import") || source.Is(statement.First, "from")))
            {
                block.Add(statement);
            }
            else if (!(block.Count == 0 && IsDocstring(statement)))
            {
                break;
            }
        }

        return block;
    }

    private bool IsDocstring(Statement s) => s.Index == 0 && s.First == s.Last && source.Tokens[s.First].Kind == TokenKind.String;

    private bool NextIsBlank(Statement s)
    {
        var next = source.Tokens[s.Last + 1].End;
        return next < source.Text.Length && source.Text[next] is '\n' or '\r';
    }

    private ImportEdit Before(Statement s, string line)
    {
        var at = source.Tokens[s.First].Start;
        return new ImportEdit(at, "", line, "");
    }

    private ImportEdit After(Statement s, string line)
    {
        var end = source.Tokens[s.Last + 1];
        return new ImportEdit(end.End, end.End > end.Start ? "" : source.LineEnd, line, "");
    }

    private static bool IsStandard(string module) => StandardLibrary.Contains(module.Split('.')[0]);

    private string ModuleOf(Statement s)
    {
        var end = s.First + 1;
        while (end + 1 <= s.Last && (source.Is(end + 1, ".") || source.Is(end, ".")) && !source.Is(end + 1, "import"))
        {
            end++;
        }

        return source.TextOf(s.First + 1, end);
    }

    private void ReadImport(Statement s)
    {
        var at = s.First + 1;
        while (at <= s.Last)
        {
            var first = at;
            while (at + 2 <= s.Last && source.Is(at + 1, "."))
            {
                at += 2;
            }

            var module = source.TextOf(first, at);
            var alias = source.Is(at + 1, "as") && at + 2 <= s.Last;
            names.Add(alias
                ? new ImportedName(source.TextOf(at + 2), module, false, s, first)
                : new ImportedName(module.Split('.')[0], module, false, s, first));
            at += alias ? 4 : 2;
        }
    }

    private void ReadFrom(Statement s)
    {
        var module = ModuleOf(s);
        for (var i = s.First + 1; i <= s.Last; i++)
        {
            var named = source.IsName(i) && (source.Is(i - 1, "import") || source.Is(i - 1, ",") || (source.Is(i - 1, "(") && source.Is(i - 2, "import")));
            if (named)
            {
                var alias = source.Is(i + 1, "as") && i + 2 <= s.Last;
                names.Add(new ImportedName(source.TextOf(alias ? i + 2 : i), $"{module}.{source.TextOf(i)}", true, s, i));
            }
        }
    }
}

/// <summary>An insertion, with the blank lines that part it from its neighbours: those come once, however many imports go to one place.</summary>
internal sealed record ImportEdit(int At, string Lead, string Line, string Trail);
