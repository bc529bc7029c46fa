using System.Globalization;

namespace SecOps;

/// <summary>Lengths of time as people write them: <c>90s</c>, <c>10m</c>, <c>24h</c>, <c>7d</c>; a bare number counts seconds.</summary>
public static class Durations
{
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        var number = unit == 0 ? text : text[..^1];
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value <= 0 || value > 1e7)
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(value * Math.Max(1, unit));
        return duration.TotalMilliseconds < int.MaxValue || unit > 60;
    }

    /// <summary>For people: <c>0.4 s</c>, <c>12 s</c>, <c>3 min 5 s</c>.</summary>
    public static string Show(TimeSpan t) => t.TotalSeconds switch
    {
        < 10 => t.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 60 => t.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) + " s",
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)t.TotalMinutes} min {t.Seconds} s"),
    };
}
