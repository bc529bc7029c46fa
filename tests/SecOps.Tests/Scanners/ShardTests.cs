using Shouldly;
using Xunit;

namespace SecOps.Scanners;

public sealed class ShardTests
{
    [Fact]
    public void Every_file_is_taken_by_exactly_one_shard()
    {
        var shards = Enumerable.Range(1, 4).Select(i => Shard.Parse($"{i}/4")).ToList();
        var files = Enumerable.Range(0, 500).Select(i => $"folder{i % 7}/file{i}.py").ToList();
        files.ShouldAllBe(f => shards.Count(s => s.Takes(f)) == 1);
        shards.ShouldAllBe(s => files.Count(s.Takes) > 80);
    }

    [Theory]
    [InlineData("0/2")]
    [InlineData("3/2")]
    [InlineData("1")]
    [InlineData("a/b")]
    [InlineData("-1/2")]
    public void What_is_no_part_of_a_whole_is_a_usage_error(string text) => Should.Throw<SecOpsException>(() => Shard.Parse(text)).Code.ShouldBe(ExitCode.Usage);
}
