namespace SecOps.Delivery.Attest;

/// <summary>What an attestation must satisfy.</summary>
public sealed record AttestationRequirement
{
    /// <summary>One of these must have signed. Public keys are enough.</summary>
    public required IReadOnlyList<AttestationKey> Keys { get; init; }

    /// <summary>Today's policy (<see cref="PolicyDigest.Of"/>); null: any.</summary>
    public string? Policy { get; init; }

    /// <summary>The oldest scan that is accepted; null: any.</summary>
    public TimeSpan? MaxAge { get; init; }
}

/// <summary>How a check ended. Everything but <see cref="Good"/> means exit code 3 where an attestation is required.</summary>
public enum AttestationStatus
{
    Good,

    /// <summary>Nothing is attached.</summary>
    Missing,

    /// <summary>Something is attached, and no given key has signed it as it is now.</summary>
    BadSignature,

    /// <summary>Well signed, about another image.</summary>
    OtherSubject,

    /// <summary>The verdict was FAILED.</summary>
    Failed,

    /// <summary>Judged under another gate configuration.</summary>
    OtherPolicy,

    /// <summary>Too old, or from the future.</summary>
    Stale,
}

/// <param name="Message">For a person: what is so, and what to do when it is not good.</param>
public sealed record AttestationCheck(AttestationStatus Status, string Message)
{
    public bool IsGood => Status == AttestationStatus.Good;

    /// <summary>What was signed; null when nothing well signed was found.</summary>
    public VerificationSummary? Summary { get; init; }

    /// <summary>The digest of the attached manifest.</summary>
    public string? Referrer { get; init; }

    /// <summary>The key that signed.</summary>
    public string? KeyId { get; init; }
}
