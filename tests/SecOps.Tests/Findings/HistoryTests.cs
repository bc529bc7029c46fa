using SecOps.Processes;
using SecOps.Scanners;
using SecOps.Scanners.Bandit;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Findings;

/// <summary>Thirty commits of a small program, each scanned with the commit before as its baseline: what became of the findings, told by hand.</summary>
public sealed class HistoryTests
{
    private const string App = """
        import subprocess


        def run(command):
            return subprocess.call(command, shell=True)


        def check(value):
            assert value

        """;

    private const string Helpers = """
        import pickle


        def load(data):
            return pickle.loads(data)

        """;

    /// <summary>What is done, what is new, what is fixed, and how many others there are.</summary>
    private static readonly (string Commit, Action<Work> Edit, string New, string Fixed, int Existing)[] History =
    [
        ("Begin", w => w.Write("app.py", App), "B101 B404 B602", "", 0),
        ("Say what it is for, at the top", w => w.Change("app.py", "import subprocess", "# Runs commands.\n# For the operators.\n\nimport subprocess"), "", "", 3),
        ("Add a function in between", w => w.Change("app.py", "def check", "def twice(x):\n    return x + x\n\n\ndef check"), "", "", 3),
        ("Space out the call", w => w.Change("app.py", "(command, shell=True)", "( command,  shell = True )"), "", "", 3),
        ("Check twice", w => w.Append("app.py", "\ndef check_again(value):\n    assert value\n"), "B101", "", 3),
        ("Drop the first check", w => w.Change("app.py", "def check(value):\n    assert value\n", "def check(value):\n    return value\n"), "", "B101", 3),
        ("Add helpers", w => w.Write("util.py", Helpers), "B301 B403", "", 3),
        ("Rename the helpers", w => w.Git("mv", "util.py", "helpers.py"), "", "", 5),
        ("Run in the background", w => w.Change("app.py", "( command,  shell = True )", "(command + \" &\", shell=True)"), "", "", 5),
        ("Use no shell", w => w.Change("app.py", "subprocess.call(command + \" &\", shell=True)", "subprocess.run([command])"), "B603", "B602", 4),
        ("Revert: use no shell", w => w.Git("revert", "--no-commit", "HEAD"), "B602", "B603", 4),
        ("Add tests", w => w.Write("tests/test_app.py", "from app import run\n\nassert 1 == 1\nassert run('true') == 0\n"), "B101 B101", "", 5),
        ("Remove blank lines", w => w.Change("app.py", "\n\n\n", "\n"), "", "", 7),
        ("Edit on Windows", w => w.Change("app.py", "\n", "\r\n"), "", "", 7),
        ("Rename the folder of tests", w => w.Git("mv", "tests", "checks"), "", "", 7),
        ("Evaluate", w => w.Append("helpers.py", "\ndef value(text):\n    return eval(text)\n"), "B307", "", 7),
        ("Rename a variable", w => w.Change("helpers.py", "text", "source"), "", "", 8),
        ("Evaluate literals alone", w => w.Change("helpers.py", "return eval(", "import ast\n    return ast.literal_eval("), "", "B307", 7),
        ("Add the settings", w => w.Write("settings.py", "password = 'hunter2'\nport = 8000\n"), "B105", "", 7),
        ("Sort the settings", w => w.Write("settings.py", "host = 'localhost'\nport = 8000\n\npassword = 'hunter2'\n"), "", "", 8),
        ("Change the password", w => w.Change("settings.py", "hunter2", "hunter3"), "", "", 8),
        ("Remove the settings", w => w.Git("rm", "-q", "settings.py"), "", "B105", 7),
        ("Revert: remove the settings", w => w.Git("revert", "--no-commit", "HEAD"), "B105", "", 7),
        ("Copy the helpers", w => w.Write("copy.py", w.Read("helpers.py")), "B301 B403", "", 8),
        ("Remove the original", w => w.Git("rm", "-q", "helpers.py"), "", "B301 B403", 8),
        ("Give the copy its name", w => w.Git("mv", "copy.py", "helpers.py"), "", "", 8),
        ("Indent", w => w.Change("helpers.py", "def load(data):\n    return", "class Loader:\n    def load(data):\n        return"), "", "", 8),
        ("Break the line", w => w.Change("app.py", "(command + \" &\", shell=True)", "(\r\n        command + \" &\",\r\n        shell=True)"), "", "", 8),
        ("Rename and rewrite at once", w =>
        {
            w.Git("mv", "app.py", "main.py");
            w.Change("main.py", "subprocess.call(\r\n        command + \" &\",\r\n        shell=True)", "subprocess.check_output('ls ' + folder, stdin=None, shell=True)");
        }, "B602", "B602", 7),
        ("Remove everything", w => w.Git("rm", "-q", "-r", "."), "", "B101 B101 B101 B105 B301 B403 B404 B602", 0),
    ];

    [NeedsFact("bandit", "git")]
    public void Thirty_commits_do_to_the_findings_what_a_person_expects()
    {
        using var folder = new TemporaryFolder();
        var work = new Work(folder);
        work.Git("init", "-q");
        IReadOnlyList<Finding> baseline = [];
        foreach (var (commit, edit, expectedNew, expectedFixed, expectedExisting) in History)
        {
            edit(work);
            work.Git("add", "-A");
            work.Git("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "--allow-empty", "-m", commit);
            var (findings, coverage) = work.Scan();
            var now = Matching.Apply(baseline, findings, [coverage]);
            string Rules(FindingState state) => string.Join(' ', now.Where(f => f.State == state).Select(f => f.Rule.Id).Order(StringComparer.Ordinal));
            (Rules(FindingState.New), Rules(FindingState.Fixed), now.Count(f => f.State == FindingState.Existing)).ShouldBe((expectedNew, expectedFixed, expectedExisting), commit);
            now.ShouldNotContain(f => f.State == FindingState.NotRescanned, commit);
            baseline = now;
        }

        History.Length.ShouldBe(30);
    }

    /// <summary>The work tree, with the real git and the real Bandit.</summary>
    private sealed class Work(TemporaryFolder folder)
    {
        private readonly ProcessRunner processes = new(new Redactor());

        public void Write(string name, string text) => folder.Write(name, text);

        public string Read(string name) => File.ReadAllText(folder[name]);

        public void Append(string name, string text) => Write(name, Read(name) + text);

        public void Change(string name, string from, string to)
        {
            var text = Read(name);
            text.ShouldContain(from);
            Write(name, text.Replace(from, to, StringComparison.Ordinal));
        }

        public void Git(params string[] arguments) => Run("git", ["-c", "core.autocrlf=false", .. arguments]).ShouldBe(0, string.Join(' ', arguments));

        public (List<Finding> Findings, Coverage Coverage) Scan()
        {
            using var reports = new TemporaryFolder();
            Run("bandit", ["-q", "-r", ".", "-f", "json", "-o", reports["r.json"]]).ShouldBeLessThan(2);
            var sink = new ReportSink("bandit", folder.Path);
            using var report = ReportText.Open(reports["r.json"]);
            new BanditScanner().Read(report, sink);
            return (Identity.Assign(sink.Findings), Some.Coverage());
        }

        private int Run(string tool, IReadOnlyList<string> arguments) =>
            processes.RunAsync(new ProcessCall(Parts.Executable(tool), arguments) { WorkingDirectory = folder.Path }, CancellationToken.None).GetAwaiter().GetResult().ExitCode;
    }
}
