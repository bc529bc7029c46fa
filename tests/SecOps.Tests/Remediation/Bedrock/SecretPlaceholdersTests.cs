using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Remediation.Bedrock;

public sealed class SecretPlaceholdersTests
{
    public static TheoryData<string, string> Secrets()
    {
        var data = new TheoryData<string, string>();
        foreach (var (kind, text) in PlantedSecrets.All)
        {
            data.Add(kind, text);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_planted_secret_leaves_only_a_placeholder_and_comes_back(string kind, string text)
    {
        var source = $"import os\n\nx = 1  # {kind}\nvalue = '''{text}'''\nprint(x)\n";
        var placeholders = new SecretPlaceholders(new Redactor());
        var hidden = placeholders.Hide(source);
        foreach (var part in PlantedSecrets.Parts(text))
        {
            hidden.ShouldNotContain(part, customMessage: kind);
        }

        hidden.ShouldContain(placeholders.Mark);
        hidden.ShouldContain("print(x)");
        placeholders.Restore(hidden).ShouldBe(source);
    }

    [Fact]
    public void Secrets_of_this_process_are_replaced_too()
    {
        var redactor = new Redactor();
        redactor.Add("a-very-own-value");
        new SecretPlaceholders(redactor).Hide("x = 'a-very-own-value'").ShouldNotContain("own-value");
    }

    [Fact]
    public void Ordinary_code_stays_as_it_is()
    {
        const string Code = "def token(length):\n    return secrets.token_hex(length)\npassword = os.environ[\"PASSWORD\"]\nurl = f\"https://{host}:{port}/x\"\n";
        new SecretPlaceholders(new Redactor()).Hide(Code).ShouldBe(Code);
    }
}
