using Shouldly;
using Xunit;

namespace SecOps.Registry;

public sealed class ImageReferenceTests
{
    private const string Digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    [Theory]
    [InlineData("alpine", "docker.io", "library/alpine", null, null)]
    [InlineData("team/app:1.2", "docker.io", "team/app", "1.2", null)]
    [InlineData("127.0.0.1:5000/app", "127.0.0.1:5000", "app", null, null)]
    [InlineData("localhost/app:x", "localhost", "app", "x", null)]
    [InlineData("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1@" + Digest, "123456789012.dkr.ecr.eu-west-1.amazonaws.com", "team/app", "1", Digest)]
    [InlineData("index.docker.io/team/app", "docker.io", "team/app", null, null)]
    [InlineData("[::1]:5000/app:2", "[::1]:5000", "app", "2", null)]
    public void A_name_is_read_as_Docker_reads_it(string text, string registry, string repository, string? tag, string? digest)
    {
        var reference = ImageReference.Parse(text);
        (reference.Registry, reference.Repository, reference.Tag, reference.Digest).ShouldBe((registry, repository, tag, digest));
    }

    [Theory]
    [InlineData("App")]
    [InlineData("app:")]
    [InlineData("app@sha256:12")]
    [InlineData("app:tag with blank")]
    [InlineData("-app")]
    [InlineData("app//x")]
    [InlineData("--help")]
    [InlineData("")]
    [InlineData("app:1\n")]
    [InlineData("user:pass@host/app")]
    public void What_is_no_name_is_refused_with_the_form_to_write(string text) =>
        Should.Throw<SecOpsException>(() => ImageReference.Parse(text)).ShouldSatisfyAllConditions(
            e => e.Code.ShouldBe(ExitCode.Usage),
            e => e.Message.ShouldContain("Write [REGISTRY/]REPOSITORY[:TAG]"));

    [Theory]
    [InlineData("localhost:5000", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.9.9:1", true)]
    [InlineData("[::1]:5000", true)]
    [InlineData("localhost.example.com", false)]
    [InlineData("127.0.0.1.example.com", false)]
    [InlineData("10.0.0.1:5000", false)]
    public void Plain_HTTP_is_for_loopback_alone(string host, bool loopback) => ImageReference.IsLoopbackHost(host).ShouldBe(loopback);
}
