using System.Text;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Remediation;

public sealed class WorkTreeWriterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Writes_all_files_and_leaves_nothing_beside()
    {
        folder.Write("tree/a.py", "a\r\n");
        folder.Write("tree/b/c.py", "b");
        Writer().Write([("a.py", Bytes("a\r\n"), Bytes("A\r\n")), ("b/c.py", Bytes("b"), Bytes("B"))]).ShouldBeEmpty();
        File.ReadAllText(folder["tree/a.py"]).ShouldBe("A\r\n");
        File.ReadAllText(folder["tree/b/c.py"]).ShouldBe("B");
        Directory.Exists(folder["out"]).ShouldBeFalse();
    }

    [Fact]
    public void Writes_nothing_when_one_file_is_no_longer_as_it_was()
    {
        folder.Write("tree/a.py", "a");
        folder.Write("tree/b.py", "changed meanwhile");
        Writer().Write([("a.py", Bytes("a"), Bytes("A")), ("b.py", Bytes("b"), Bytes("B"))]).ShouldBe(["b.py"]);
        File.ReadAllText(folder["tree/a.py"]).ShouldBe("a");
    }

    [Fact]
    public void What_a_killed_run_left_half_done_is_undone_by_the_next()
    {
        folder.Write("tree/a.py", "A");
        folder.Write("tree/b.py", "b");
        folder.Write("out/0.before", "a");
        folder.Write("out/1.before", "b");
        folder.Write("out/journal", "a.py\nb.py\n");
        Writer().Recover().ShouldBe(["a.py", "b.py"]);
        File.ReadAllText(folder["tree/a.py"]).ShouldBe("a");
        Writer().Recover().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../x")]
    public void A_path_that_leads_out_of_the_tree_is_refused(string path) =>
        Should.Throw<SecOpsException>(() => Writer().Write([(path, Bytes(""), Bytes("x"))])).Message.ShouldContain("out of the tree");

    private WorkTreeWriter Writer()
    {
        Directory.CreateDirectory(folder["tree"]);
        return new WorkTreeWriter(folder["tree"], folder["out"]);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
