using Shouldly;
using Xunit;

namespace SecOps.Remediation.Python;

public sealed class PythonTokenizerTests
{
    [Theory]
    [InlineData("x = 'a' # b", "x|=|'a'|⏎")]
    [InlineData("f(\n  1,\n)\n", "f|(|1|,|)|⏎")]
    [InlineData("a = b'x' rb\"y\" Rb'''z'''", "a|=|b'x'|rb\"y\"|Rb'''z'''|⏎")]
    [InlineData("f'{x}' f'{y!r:>{w}}'", "f'{x}'|f'{y!r:>{w}}'|⏎")]
    [InlineData("f'{d[\"k\"]}' f\"{'#'}\"", "f'{d[\"k\"]}'|f\"{'#'}\"|⏎")]
    [InlineData("f'{x:%Y-%m}' '{'", "f'{x:%Y-%m}'|'{'|⏎")]
    [InlineData("f'{f'{1}'}'", "f'{f'{1}'}'|⏎")]
    [InlineData("a \\\n  + 1e-5 + 0xE-1", "a|+|1e-5|+|0xE|-|1|⏎")]
    [InlineData("'\\'' r'\\' x'", "'\\''|r'\\' x'|⏎")]
    [InlineData("x: int = {1: 2}  # c\r\ny", "x|:|int|=|{|1|:|2|}|⏎|y|⏎")]
    [InlineData("brr = 1\nbr'x'", "brr|=|1|⏎|br'x'|⏎")]
    public void Reads_the_tokens_of(string text, string expected)
    {
        var (tokens, _) = PythonTokenizer.Read(text);
        string.Join('|', tokens.Select(t => t.Kind == TokenKind.Newline ? "⏎" : text[t.Start..t.End])).ShouldBe(expected);
    }

    [Theory]
    [InlineData("x = 'a")]
    [InlineData("'''a")]
    [InlineData("f(")]
    [InlineData("f)")]
    [InlineData("f'{x'")]
    public void Refuses_what_does_not_end(string text) => Should.Throw<PythonSyntaxException>(() => new PythonSource(text));

    [Fact]
    public void Nested_fields_do_not_exhaust_the_stack() =>
        Should.Throw<PythonSyntaxException>(() => PythonTokenizer.Read(string.Concat(Enumerable.Repeat("f'{", 100_000))));

    [Fact]
    public void Tells_a_name_through_its_import()
    {
        var source = new PythonSource("import subprocess as sp\nfrom os import system as run, path\nimport xml.dom.minidom\nsp.call(run('x'))\nxml.dom.minidom.parse(path)\n");
        source.Calls.Select(c => source.Imports.Qualify(c.Name)).ShouldBe(["subprocess.call", "os.system", "xml.dom.minidom.parse"]);
    }

    [Theory]
    [InlineData("import os\nimport sys\n", "json", "import json\nimport os\nimport sys\n")]
    [InlineData("\"\"\"Doc.\"\"\"\n\nx = 1\n", "os", "\"\"\"Doc.\"\"\"\n\nimport os\n\nx = 1\n")]
    [InlineData("#!/usr/bin/env python3\n# about\nx = 1\n", "os", "#!/usr/bin/env python3\n# about\n\nimport os\n\nx = 1\n")]
    [InlineData("from __future__ import annotations\n\nx = 1\n", "os", "from __future__ import annotations\n\nimport os\n\nx = 1\n")]
    [InlineData("import flask\n\nx = 1\n", "os", "import os\n\nimport flask\n\nx = 1\n")]
    [InlineData("def f():\n    pass\n", "os", "import os\n\n\ndef f():\n    pass\n")]
    public void Puts_an_import_where_a_person_would(string text, string module, string expected)
    {
        var edit = new PythonSource(text).Imports.Add(module)!;
        text.Insert(edit.At, edit.Lead + edit.Line + edit.Trail).ShouldBe(expected);
    }

    [Theory]
    [InlineData("os = 1\n")]
    [InlineData("def f(os):\n    pass\n")]
    [InlineData("import posix as os\n")]
    [InlineData("for os in x:\n    pass\n")]
    public void Refuses_an_import_whose_name_is_taken(string text) => new PythonSource(text).Imports.Add("os").ShouldBeNull();
}
