using System.Globalization;

namespace MlNetBert.Cli.Parsing;

/// <summary>A length of time as people write it: 90s, 30m, 8h, 1.5d, or hours:minutes:seconds.</summary>
internal static class Duration
{
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        if (text.Length > 1
            && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out var number))
        {
            var seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => 0 };
            time = TimeSpan.FromSeconds(Math.Min(number * seconds, TimeSpan.MaxValue.TotalSeconds / 2));
            return time > TimeSpan.Zero;
        }

        return text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out time) && time > TimeSpan.Zero;
    }
}
