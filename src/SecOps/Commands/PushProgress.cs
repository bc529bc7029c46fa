using System.Globalization;
using SecOps.Docker;

namespace SecOps.Commands;

/// <summary>Layers going up: a live line where a person watches, else a line a layer.</summary>
internal sealed class PushProgress(Terminal terminal)
{
    private readonly Dictionary<string, (long Current, long Total, bool Done)> layers = [];
    private DateTime shown;
    private bool open;

    public void Report(DockerProgress progress)
    {
        if (progress.Layer.Length == 0)
        {
            return;
        }

        var before = layers.GetValueOrDefault(progress.Layer);
        var done = progress.Status is "Pushed" or "Layer already exists" || progress.Status.StartsWith("Mounted", StringComparison.Ordinal);
        layers[progress.Layer] = (progress.Current ?? before.Current, Math.Max(progress.Total ?? 0, before.Total), done);
        if (terminal.Interactive)
        {
            if (done || DateTime.UtcNow - shown > TimeSpan.FromMilliseconds(100))
            {
                terminal.Raw($"\r\e[2K{Line()}");
                (shown, open) = (DateTime.UtcNow, true);
            }
        }
        else if (done && !before.Done)
        {
            var size = before.Total > 0 ? $" ({Megabytes(before.Total)})" : "";
            terminal.Progress($"push: {progress.Layer} {(progress.Status == "Pushed" ? "pushed" + size : "is there already")}");
        }
    }

    public void End()
    {
        if (open)
        {
            terminal.Raw("\r\e[2K");
        }
    }

    private string Line() => string.Create(
        CultureInfo.InvariantCulture,
        $"push: {layers.Values.Count(l => l.Done)} of {layers.Count} layers, {Megabytes(layers.Values.Sum(l => l.Done ? l.Total : Math.Min(l.Current, l.Total)))} of {Megabytes(layers.Values.Sum(l => l.Total))}");

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");
}
