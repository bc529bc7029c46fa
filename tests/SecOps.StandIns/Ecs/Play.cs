namespace SecOps.StandIns.Ecs;

/// <summary>How a rollout goes after UpdateService. The way back to what ran before always works, but for <see cref="RollbackFails"/>.</summary>
public enum Play
{
    Success,

    /// <summary>Tasks start and exit with 1, again and again; no circuit breaker.</summary>
    Crash,

    /// <summary>The image can't be pulled; no circuit breaker.</summary>
    PullFailure,

    /// <summary>Tasks crash, the circuit breaker gives up and ECS rolls back.</summary>
    CircuitBreaker,

    /// <summary>Tasks crash, the circuit breaker gives up; it may not roll back.</summary>
    CircuitBreakerAlone,

    /// <summary>A CloudWatch alarm of the service goes off, and ECS rolls back.</summary>
    Alarm,

    NeverStable,

    /// <summary>Stable, but tasks run another digest than the task definition names.</summary>
    OtherDigest,

    /// <summary>Somebody else deploys in the middle.</summary>
    SecondDeploy,

    /// <summary>Somebody stops the deployment in the middle.</summary>
    Stopped,

    /// <summary>As <see cref="Crash"/>, and what ran before does not start any more either.</summary>
    RollbackFails,

    BlueGreen,

    /// <summary>An alarm goes off while the traffic moves, and ECS shifts it back.</summary>
    BlueGreenAlarm,

    /// <summary>A lifecycle hook says no after the test traffic, and ECS shifts it back.</summary>
    BlueGreenHook,

    /// <summary>The green tasks crash; no circuit breaker.</summary>
    BlueGreenCrash,

    Canary,

    /// <summary>An alarm goes off at the canary's share of the traffic, and ECS shifts it back.</summary>
    CanaryAlarm,

    Linear,
}
