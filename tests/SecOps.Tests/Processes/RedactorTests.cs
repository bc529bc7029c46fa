using Shouldly;
using Xunit;

namespace SecOps.Processes;

public sealed class RedactorTests
{
    [Theory]
    [InlineData("GITHUB_TOKEN", true)]
    [InlineData("AWS_SECRET_ACCESS_KEY", true)]
    [InlineData("SAFETY_API_KEY", true)]
    [InlineData("db_password", true)]
    [InlineData("PATH", false)]
    [InlineData("AWS_ACCESS_KEY_ID", false)]
    [InlineData("ACTIONS_ID_TOKEN_REQUEST_URL", false)]
    public void Names_of_variables_say_whether_they_hold_a_secret(string name, bool secret) => Redactor.NamesASecret(name).ShouldBe(secret);

    [Fact]
    public void A_secret_inside_a_longer_secret_leaves_no_remainder()
    {
        var redactor = new Redactor();
        redactor.Add("password1");
        redactor.Add("password1-and-more");
        redactor.Redact("x password1-and-more y password1 z").ShouldBe("x *** y *** z");
    }

    [Fact]
    public void Short_values_are_left_alone()
    {
        var redactor = new Redactor();
        redactor.Add("admin");
        redactor.Add(null);
        redactor.Add("          ");
        redactor.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Each_line_of_a_key_is_a_secret()
    {
        var redactor = new Redactor();
        redactor.Add("-----BEGIN KEY-----\nMIIEvgIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n");
        redactor.Redact("hkiG9w0BAQEFAASC").ShouldBe("***");
        redactor.Redact("-----BEGIN KEY-----").ShouldBe("-----BEGIN KEY-----");
    }

    [Fact]
    public void A_secret_with_quotes_is_found_in_json()
    {
        var redactor = new Redactor();
        redactor.Add("pa\"ss\\word<é>");
        redactor.Redact("""{"a": "pa\"ss\\word<é>"}""").ShouldBe("""{"a": "***"}""");
    }
}
