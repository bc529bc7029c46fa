namespace SecOps.Delivery.Diagnose;

/// <summary>
/// How a check ended. <see cref="Unknown"/>: it could not be looked at, e.g. for want of a permission. <see cref="Warning"/>: it works without,
/// though not everything.
/// </summary>
public enum CheckStatus { Ok, Warning, Failed, Unknown }

/// <summary>One answer of the doctor.</summary>
/// <param name="Id">What was looked at, e.g. <c>load-balancer.security-group</c>. Scripts rely on these.</param>
/// <param name="Resource">The id or ARN of what is wrong, or of what was looked at.</param>
/// <param name="Message">What holds there, and what follows from it.</param>
/// <param name="Fix">The change that mends it; null unless failed or a warning.</param>
public sealed record DiagnoseCheck(string Id, CheckStatus Status, string Resource, string Message, string? Fix = null)
{
    public static DiagnoseCheck Ok(string id, string resource, string message) => new(id, CheckStatus.Ok, resource, message);

    public static DiagnoseCheck Failed(string id, string resource, string message, string fix) => new(id, CheckStatus.Failed, resource, message, fix);

    public static DiagnoseCheck Warning(string id, string resource, string message, string fix) => new(id, CheckStatus.Warning, resource, message, fix);

    public static DiagnoseCheck Unknown(string id, string resource, string message) => new(id, CheckStatus.Unknown, resource, message);
}
