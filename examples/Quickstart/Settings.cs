using System.Globalization;

namespace Quickstart;

/// <summary>What the command line says.</summary>
/// <param name="Output">Where the model is saved.</param>
/// <param name="Seed">Seed of weights, order, masks and dropout.</param>
/// <param name="Json">Whether the results are printed as one JSON object and everything else goes to standard error.</param>
public sealed record Settings(string Output, int Seed, bool Json)
{
    /// <summary>How to call the program.</summary>
    public const string Usage = "Quickstart [--output FILE.zip] [--seed N] [--json]";

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">An argument is unknown or lacks its value.</exception>
    public static Settings Parse(IReadOnlyList<string> arguments)
    {
        var settings = new Settings(Path.Combine(Path.GetTempPath(), "mlnetbert-quickstart.zip"), 42, Json: false);
        for (var i = 0; i < arguments.Count; i++)
        {
            string Value() => ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{arguments[^1]} needs a value. Usage: {Usage}");
            settings = arguments[i] switch
            {
                "--output" => settings with { Output = Value() },
                "--seed" => settings with { Seed = Number(Value()) },
                "--json" => settings with { Json = true },
                var other => throw new ArgumentException($"There is no option '{other}'. Usage: {Usage}"),
            };
        }

        return settings;
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new ArgumentException($"--seed needs a whole number, found '{text}'. Usage: {Usage}");
}
