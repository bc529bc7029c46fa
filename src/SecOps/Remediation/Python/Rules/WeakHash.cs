namespace SecOps.Remediation.Python.Rules;

/// <summary>B324: MD5 and SHA-1. Where nothing depends on their strength, saying so is the fix; anything else needs a person.</summary>
internal sealed class WeakHash() : PythonRule("B324")
{
    private static readonly string[] Harmless = ["etag", "tag", "cache", "cached", "checksum", "fingerprint", "dedup", "dedupe", "duplicate", "duplicates", "bucket", "shard", "gravatar", "avatar", "asset", "revision", "memo", "memoize", "partition"];

    private static readonly string[] Sensitive = ["password", "passwd", "pwd", "secret", "token", "sign", "signed", "signature", "auth", "login", "session", "salt", "hmac", "credential", "credentials", "verify", "user", "username", "key", "pin", "otp"];

    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => fix.Qualified(c) is "hashlib.md5" or "hashlib.sha1" or "hashlib.sha" or "hashlib.md4" or "hashlib.new") is not { } call)
        {
            return "no call of hashlib stands there";
        }

        var words = fix.Surroundings(call.First).Split([' ', '_'], StringSplitOptions.RemoveEmptyEntries);
        var sensitive = words.FirstOrDefault(w => Sensitive.Contains(w) && !(w == "key" && words.Contains("cache")));
        if (sensitive is not null)
        {
            return $"it has to do with \"{sensitive}\", where a strong hash is needed; stored values would change, so this needs a person";
        }

        if (!words.Any(w => Harmless.Contains(w)))
        {
            return "what the hash is for can't be seen; use SHA-256, or usedforsecurity=False where nothing depends on its strength";
        }

        if (call.HasSpread)
        {
            return "its arguments can't be seen";
        }

        fix.SetKeyword(call, "usedforsecurity", "False");
        fix.Summary = "Say that the hash is no protection";
        fix.Risk = "Needs Python 3.9 or later.";
        return null;
    }
}
