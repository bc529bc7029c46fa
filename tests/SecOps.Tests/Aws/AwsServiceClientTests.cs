using System.Net;
using SecOps.Aws.BedrockRuntime;
using SecOps.Aws.Ecr;
using SecOps.Aws.Logs;
using SecOps.StandIns;
using Shouldly;
using Xunit;

namespace SecOps.Aws;

public sealed class AwsServiceClientTests
{
    [Fact]
    public async Task A_call_is_signed_and_carries_the_operation_and_its_members()
    {
        using var server = new StandIn(_ => new Answer("""{"imageDetails":[{"imageDigest":"sha256:1","imageTags":null,"imagePushedAt":1.7e9,"newMember":{"a":1}}]}"""));
        using var client = new EcrClient(TestAws.Settings(server.Url));
        var answer = await client.DescribeImagesAsync(new() { RepositoryName = "shop", ImageIds = [new() { ImageTag = "1" }] }, default);
        var asked = server.Requests.Single();
        asked.Body.ShouldBe("""{"repositoryName":"shop","imageIds":[{"imageTag":"1"}]}""");
        asked.Header("X-Amz-Target").ShouldBe("AmazonEC2ContainerRegistry_V20150921.DescribeImages");
        asked.Header("Authorization")!.ShouldContain("/us-east-1/ecr/aws4_request");
        answer.ImageDetails.Single().ImageTags.ShouldBeEmpty();
        answer.ImageDetails.Single().ImagePushedAt.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1700000000));
    }

    [Fact]
    public async Task Bedrock_is_signed_as_bedrock_and_the_model_is_encoded_into_the_path()
    {
        using var server = new StandIn(_ => new Answer("""{"output":{"message":{"role":"assistant","content":[{"reasoningContent":{}},{"text":"ok"}]}},"stopReason":"end_turn","usage":{"inputTokens":3,"outputTokens":1,"totalTokens":4}}"""));
        using var client = new BedrockRuntimeClient(TestAws.Settings(server.Url));
        var answer = await client.ConverseAsync(new() { ModelId = "arn:aws:bedrock:us-east-1::model/eu.x-1:0", Messages = [new() { Role = "user", Content = [new() { Text = "hi" }, new() { CachePoint = new() { Type = "default" } }] }], InferenceConfig = new() { MaxTokens = 9 } }, default);
        var asked = server.Requests.Single();
        asked.Url.ShouldBe("/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Amodel%2Feu.x-1%3A0/converse");
        asked.Body.ShouldBe("""{"messages":[{"role":"user","content":[{"text":"hi"},{"cachePoint":{"type":"default"}}]}],"inferenceConfig":{"maxTokens":9}}""");
        asked.Header("Authorization")!.ShouldContain("/us-east-1/bedrock/aws4_request");
        answer.Output!.Message!.Content.Select(c => c.Text).ShouldBe([null, "ok"]);
        answer.Usage!.OutputTokens.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"__type":"com.amazonaws.ecr#RepositoryNotFoundException","message":"no shop"}""", 400, "RepositoryNotFoundException", "no shop")]
    [InlineData("""{"Message":"no shop"}""", 404, "HTTP404", "no shop")]
    [InlineData("<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You may not</Message></Error></Errors><RequestID>r-1</RequestID></Response>", 403, "UnauthorizedOperation", "You may not")]
    [InlineData("<html><head><title>Blocked by proxy</title></head></html>", 403, "HTTP403", "Blocked by proxy")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"boom\">]><Error><Code>&b;</Code></Error>", 400, "HTTP400", "not from AWS")]
    [InlineData("", 503, "HTTP503", "empty answer")]
    [InlineData("[]", 400, "HTTP400", "not from AWS")]
    public async Task An_error_names_action_code_status_and_what_the_answer_says(string body, int status, string code, string says)
    {
        using var server = new StandIn(_ => new Answer(body, status));
        using var client = new EcrClient(TestAws.Settings(server.Url));
        var error = await Should.ThrowAsync<AwsException>(client.DescribeRepositoriesAsync(new(), default));
        error.Action.ShouldBe("ecr:DescribeRepositories");
        error.ErrorCode.ShouldBe(code);
        error.StatusCode.ShouldBe((HttpStatusCode)status);
        error.RequestId.ShouldBe("5f1c-request");
        error.Message.ShouldContain(says);
        error.Message.ShouldContain("5f1c-request");
    }

    [Fact]
    public async Task Retries_end_when_the_service_recovers()
    {
        var calls = 0;
        using var server = new StandIn(_ => ++calls < 3 ? Answer.Error("ThrottlingException", "slow down") : new Answer("""{"repositories":[]}"""));
        using var client = new EcrClient(TestAws.Settings(server.Url, retries: 3));
        (await client.DescribeRepositoriesAsync(new(), default)).Repositories.ShouldBeEmpty();
        calls.ShouldBe(3);
    }

    [Fact]
    public async Task Without_retries_every_error_comes_through_at_once_with_its_waiting_time()
    {
        using var server = new StandIn(_ => Answer.Error("ThrottlingException", "slow down", 429) with { Headers = new() { ["Retry-After"] = "7" } });
        using var client = new BedrockRuntimeClient(TestAws.Settings(server.Url));
        var error = await Should.ThrowAsync<AwsException>(client.ConverseAsync(new() { ModelId = "m" }, default));
        error.IsThrottled.ShouldBeTrue();
        error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        server.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("<html>welcome to the hotel</html>")]
    [InlineData("""{"repositories":"none"}""")]
    [InlineData("""{"repositories":[""")]
    [InlineData("")]
    public async Task An_answer_that_is_no_answer_is_an_error(string body)
    {
        using var server = new StandIn(_ => new Answer(body));
        using var client = new EcrClient(TestAws.Settings(server.Url));
        (await Should.ThrowAsync<AwsException>(client.DescribeRepositoriesAsync(new(), default))).Message.ShouldContain("can't be read");
    }

    [Fact]
    public async Task A_cut_network_is_told_as_such()
    {
        using var server = new StandIn(_ => new Answer("") { Cut = true });
        using var client = new EcrClient(TestAws.Settings(server.Url));
        var error = await Should.ThrowAsync<AwsException>(client.DescribeRepositoriesAsync(new(), default));
        error.ErrorCode.ShouldBe(AwsException.Unreachable);
        error.Message.ShouldContain("127.0.0.1");
    }

    [Fact]
    public async Task Cancelling_is_no_error_of_AWS()
    {
        using var stop = new CancellationTokenSource();
        using var server = new StandIn(_ => { stop.Cancel(); Thread.Sleep(200); return new Answer("{}"); });
        using var client = new EcrClient(TestAws.Settings(server.Url));
        await Should.ThrowAsync<OperationCanceledException>(client.DescribeRepositoriesAsync(new(), stop.Token));
    }

    [Theory]
    [InlineData("us-east-1", "", "https://api.ecr.us-east-1.amazonaws.com/")]
    [InlineData("cn-north-1", "", "https://api.ecr.cn-north-1.amazonaws.com.cn/")]
    [InlineData("us-east-1", "AWS_USE_FIPS_ENDPOINT", "https://ecr-fips.us-east-1.amazonaws.com/")]
    [InlineData("us-east-1", "AWS_USE_DUALSTACK_ENDPOINT", "https://ecr.us-east-1.api.aws/")]
    public void The_endpoint_is_the_official_one(string region, string flag, string endpoint) =>
        EcrClient.Service.Endpoint(new AwsSettings { Region = region, Variable = name => name == flag ? "true" : null }).AbsoluteUri.ShouldBe(endpoint);

    [Fact]
    public void A_services_own_endpoint_variable_wins_and_can_be_switched_off()
    {
        var variables = new Dictionary<string, string> { ["AWS_ENDPOINT_URL"] = "http://all:1", ["AWS_ENDPOINT_URL_ECR"] = "http://ecr:2" };
        var settings = new AwsSettings { Region = "us-east-1", Variable = variables.GetValueOrDefault };
        EcrClient.Service.Endpoint(settings).AbsoluteUri.ShouldBe("http://ecr:2/");
        LogsClient.Service.Endpoint(settings).AbsoluteUri.ShouldBe("http://all:1/");
        variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
        LogsClient.Service.Endpoint(settings).AbsoluteUri.ShouldBe("https://logs.us-east-1.amazonaws.com/");
    }

    [Theory]
    [InlineData("eu-central-1.evil.example")]
    [InlineData("EU")]
    public void A_region_that_is_none_never_becomes_part_of_a_host(string region) =>
        Should.Throw<SecOpsException>(() => AwsSettings.ResolveRegion(region, _ => null)).Code.ShouldBe(ExitCode.Usage);
}
