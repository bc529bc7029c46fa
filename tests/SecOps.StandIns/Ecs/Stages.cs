namespace SecOps.StandIns.Ecs;

/// <summary>
/// Lifecycle stages of a service deployment, with the share of production traffic that the new revision gets; one entry a look.
/// See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html.
/// </summary>
internal static class Stages
{
    private static readonly (string Stage, int Weight)[] Before =
        [("RECONCILE_SERVICE", 0), ("PRE_SCALE_UP", 0), ("SCALE_UP", 0), ("POST_SCALE_UP", 0), ("TEST_TRAFFIC_SHIFT", 0), ("POST_TEST_TRAFFIC_SHIFT", 0)];

    private static readonly (string Stage, int Weight)[] After =
        [("POST_PRODUCTION_TRAFFIC_SHIFT", 100), ("BAKE_TIME", 100), ("BAKE_TIME", 100), ("CLEAN_UP", 100)];

    public static (string Stage, int Weight)[] Of(Play play) => play switch
    {
        Play.BlueGreen or Play.BlueGreenAlarm or Play.BlueGreenHook or Play.BlueGreenCrash => [.. Before, ("PRODUCTION_TRAFFIC_SHIFT", 100), .. After],
        Play.Canary or Play.CanaryAlarm => [.. Before, ("PRODUCTION_TRAFFIC_SHIFT", 10), ("PRODUCTION_TRAFFIC_SHIFT", 10), ("PRODUCTION_TRAFFIC_SHIFT", 100), .. After],
        Play.Linear => [.. Before, .. Enumerable.Range(1, 5).Select(i => ("PRODUCTION_TRAFFIC_SHIFT", 20 * i)), .. After],
        _ => [],
    };

    /// <summary>As deploymentConfiguration.strategy.</summary>
    public static string Strategy(Play play) => play switch
    {
        Play.BlueGreen or Play.BlueGreenAlarm or Play.BlueGreenHook or Play.BlueGreenCrash => "BLUE_GREEN",
        Play.Canary or Play.CanaryAlarm => "CANARY",
        Play.Linear => "LINEAR",
        _ => "ROLLING",
    };

    /// <summary>Where it goes wrong, and why as ECS says it; null: it does not.</summary>
    public static (string Stage, int Weight, string Reason)? Fault(Play play) => play switch
    {
        Play.BlueGreenAlarm => ("BAKE_TIME", 100, "Service deployment rolled back because of CloudWatch alarm(s)."),
        Play.BlueGreenHook => ("POST_TEST_TRAFFIC_SHIFT", 0, "Service deployment rolled back because a lifecycle hook returned FAILED."),
        Play.CanaryAlarm => ("PRODUCTION_TRAFFIC_SHIFT", 10, "Service deployment rolled back because of CloudWatch alarm(s)."),
        _ => null,
    };
}
