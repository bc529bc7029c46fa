using System.Globalization;
using SecOps.Docker;

namespace SecOps.Delivery.Build;

/// <summary>
/// Tries an image: starts it on a network of its own, waits until it answers, runs the tests from a second container. What was
/// started goes in any case; what a killed run left behind is known by its label (<see cref="SweepAsync"/>).
/// </summary>
/// <param name="say">Gets a line for people at each step.</param>
public sealed class ImageTrial(DockerClient docker, TimeProvider clock, Action<string> say)
{
    public const string Label = "dev.secops.owner";

    /// <summary>The name under which the tests find the container.</summary>
    public const string Alias = "app";

    /// <summary>The name under which the container finds the tests, which may play the services that it asks.</summary>
    public const string TestAlias = "tests";

    private const int LogLines = 25;
    private static readonly TimeSpan CleanupLimit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan CreateLimit = TimeSpan.FromSeconds(60);

    /// <exception cref="SecOpsException">It does not come up, ends otherwise than wanted, or the tests fail: with the last lines of its log (exit code 4).</exception>
    public async Task RunAsync(TrialPlan plan, CancellationToken cancellation)
    {
        var name = "secops-" + Guid.NewGuid().ToString("N")[..12];
        var labels = new Dictionary<string, string> { [Label] = TrialOwner.Current };
        var containers = new List<string>();
        string? network = null;
        try
        {
            network = await WholeAsync(limit => docker.CreateNetworkAsync(name, labels, limit), cancellation);
            var app = await StartAsync(
                new ContainerPlan(plan.Image)
                {
                    Name = name + "-app", Command = plan.Command, Variables = plan.Variables, Labels = labels, Network = network, Alias = Alias,
                    Publish = plan.HealthPath is not null && plan.Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{port}/tcp") : null,
                },
                containers, cancellation);
            await SmokeAsync(plan, app, cancellation);
            if (plan.Test is { } test)
            {
                await TestAsync(plan, test, name, labels, network, app, containers, cancellation);
            }
        }
        finally
        {
            // Also after Ctrl+C, whose token would stop the cleaning.
            using var limit = new CancellationTokenSource(CleanupLimit);
            await CleanAsync(containers.AsEnumerable().Reverse(), network, name, limit.Token);
        }
    }

    /// <summary>Removes what runs of this machine left that ended without cleaning.</summary>
    public async Task SweepAsync(CancellationToken cancellation)
    {
        foreach (var container in (await docker.ListContainersAsync(Label, cancellation)).Where(IsAbandoned))
        {
            await docker.RemoveContainerAsync(container.Id, cancellation);
            say("removed a container that an interrupted run had left");
        }

        foreach (var network in (await docker.ListNetworksAsync(Label, cancellation)).Where(IsAbandoned))
        {
            await docker.RemoveNetworkAsync(network.Id, cancellation);
        }

        // An image of tests that was built for one run.
        foreach (var image in (await docker.ListImagesAsync(Label, cancellation)).Where(IsAbandoned))
        {
            await docker.RemoveImageAsync(image.Id, cancellation);
        }
    }

    private static bool IsAbandoned(DockerItem item) => TrialOwner.IsGone(item.Labels.GetValueOrDefault(Label) ?? "");

    private async Task<string> StartAsync(ContainerPlan plan, List<string> containers, CancellationToken cancellation)
    {
        containers.Add(plan.Name);
        return await WholeAsync(
            async limit =>
            {
                var id = await docker.CreateContainerAsync(plan, limit);
                await docker.StartContainerAsync(id, limit);
                return id;
            },
            cancellation);
    }

    /// <summary>What makes something is not broken off half-way: the Engine would go on, and make it after we have cleaned up.</summary>
    private static async Task<T> WholeAsync<T>(Func<CancellationToken, Task<T>> create, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var limit = new CancellationTokenSource(CreateLimit);
        T made;
        try
        {
            made = await create(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw SecOpsException.Tool($"the Docker Engine has not made a container or network within {Durations.Show(CreateLimit)}. Is it overloaded or stuck?");
        }

        cancellation.ThrowIfCancellationRequested();
        return made;
    }

    private async Task SmokeAsync(TrialPlan plan, string app, CancellationToken cancellation)
    {
        if (plan.ExitCode is { } wanted)
        {
            say("smoke run: waiting for its end");
            var code = await WaitAsync(app, plan.Timeout, "the smoke run", cancellation);
            if (code != wanted)
            {
                throw await FailureAsync(app, $"the container ended with exit code {code}, not {wanted}", cancellation);
            }

            say(string.Create(CultureInfo.InvariantCulture, $"smoke run: exit code {code}, as wanted"));
        }
        else if (plan.HealthPath is { } path)
        {
            say($"smoke run: waiting for {path} on port {plan.Port}");
            var started = clock.GetTimestamp();
            await HealthAsync(plan, path, app, cancellation);
            say($"smoke run: {path} answers after {Durations.Show(clock.GetElapsedTime(started))}");
        }
    }

    private async Task HealthAsync(TrialPlan plan, string path, string app, CancellationToken cancellation)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(5) };
        var deadline = clock.GetUtcNow() + plan.Timeout;
        // Growing pauses: quick for the quick ones, and the log that a failure shows is not full of our own questions.
        for (var (last, pause) = ("no connection", 100.0); ; pause = Math.Min(pause * 1.5, 2000))
        {
            var state = await docker.InspectContainerAsync(app, cancellation);
            if (!state.IsRunning)
            {
                throw await FailureAsync(app, $"the container ended with exit code {state.ExitCode}{(state.OutOfMemory ? " (out of memory)" : "")} before {path} answered", cancellation);
            }

            if (state.PublishedPort is { } port)
            {
                try
                {
                    using var answer = await http.GetAsync(new Uri($"http://{docker.Endpoint.PublishedHost}:{port}/{path.TrimStart('/')}"), HttpCompletionOption.ResponseHeadersRead, cancellation);
                    var status = (int)answer.StatusCode;
                    if (plan.HealthStatus is { } wanted ? status == wanted : status is >= 200 and < 400)
                    {
                        return;
                    }

                    last = string.Create(CultureInfo.InvariantCulture, $"status {status}");
                }
                catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
                {
                    last = "no answer";
                }
            }

            if (clock.GetUtcNow() > deadline)
            {
                throw await FailureAsync(app, $"{path} on port {plan.Port} did not become healthy within {Durations.Show(plan.Timeout)} ({last})", cancellation);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(pause), clock, cancellation);
        }
    }

    private async Task TestAsync(
        TrialPlan plan, TestPlan test, string name, Dictionary<string, string> labels, string network, string app, List<string> containers, CancellationToken cancellation)
    {
        say(test.Image == plan.Image ? "tests: running in a second container" : $"tests: running in {test.Image}");
        var variables = new Dictionary<string, string>(test.Variables, StringComparer.Ordinal);
        if (plan.Port is { } port)
        {
            variables.TryAdd("SECOPS_APP_URL", string.Create(CultureInfo.InvariantCulture, $"http://{Alias}:{port}"));
        }

        var id = await StartAsync(new ContainerPlan(test.Image) { Name = name + "-test", Command = test.Command, Variables = variables, Labels = labels, Network = network, Alias = TestAlias }, containers, cancellation);
        var code = await WaitAsync(id, test.Timeout, "the tests", cancellation);
        if (code == 0)
        {
            say("tests: passed");
            return;
        }

        var theirs = await LogAsync(id, cancellation);
        throw SecOpsException.Tool($"the integration tests failed with exit code {code}. Their last lines:\n{theirs}The application's last lines:\n{await LogAsync(app, cancellation)}");
    }

    private async Task<int> WaitAsync(string id, TimeSpan timeout, string what, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            return await docker.WaitContainerAsync(id, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw await FailureAsync(id, $"{what} did not end within {Durations.Show(timeout)}", cancellation);
        }
    }

    private async Task<SecOpsException> FailureAsync(string id, string what, CancellationToken cancellation) =>
        SecOpsException.Tool($"{what}. Its last lines:\n{await LogAsync(id, cancellation)}");

    private async Task<string> LogAsync(string id, CancellationToken cancellation)
    {
        var lines = (await docker.ContainerLogsAsync(id, LogLines, cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0 ? "  (it printed nothing)\n" : string.Concat(lines.Select(l => $"  {Terminal.Clean(l.TrimEnd('\r'))}\n"));
    }

    private async Task CleanAsync(IEnumerable<string> containers, string? network, string name, CancellationToken cancellation)
    {
        try
        {
            foreach (var container in containers)
            {
                await docker.RemoveContainerAsync(container, cancellation);
            }

            await docker.RemoveNetworkAsync(network ?? name, cancellation);
        }
        catch (Exception e) when (e is SecOpsException or OperationCanceledException)
        {
            // The failure that led here says more; the label leads the next run to what is left.
            say($"not everything of {name} could be removed; the next build does it");
        }
    }
}
