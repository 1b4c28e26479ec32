using System.Globalization;

namespace PretrainingHelps;

/// <summary>What the command line says; each has a default.</summary>
/// <param name="Output">Where the encoder, the results and the picture go. What is there already is not made again.</param>
/// <param name="Size">The encoder's size.</param>
/// <param name="Architecture">The encoder's architecture.</param>
/// <param name="Epochs">Passes of pretraining.</param>
/// <param name="Batch">Blocks of a step of pretraining. With as little text as this, small steps learn more of it: there are more of them.</param>
/// <param name="MaskProbability">Share of the tokens that pretraining masks. With 30 % two passes bring what four bring with 15 % (docs/results.md).</param>
/// <param name="FineTuningEpochs">Passes of fine-tuning.</param>
/// <param name="Seeds">Runs of each kind.</param>
/// <param name="Shares">Per cent of the labeled rows that are fine-tuned on.</param>
/// <param name="Rows">The most issues that are taken; null for all.</param>
public sealed record Arguments(string Output, string Size, string Architecture, int Epochs, int Batch, double MaskProbability, int FineTuningEpochs, int Seeds, IReadOnlyList<int> Shares, int? Rows)
{
    /// <summary>How to call the program.</summary>
    public const string Usage = "PretrainingHelps [--output DIRECTORY] [--size NAME] [--architecture NAME] [--epochs N] [--batch N] [--mask-probability SHARE] [--fine-tuning-epochs N] [--seeds N] [--shares 10,25,50,100] [--rows N]";

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">An argument is unknown or lacks its value.</exception>
    public static Arguments Parse(IReadOnlyList<string> arguments)
    {
        var parsed = new Arguments("pretraining-helps", "mini", "modernbert", 2, 16, 0.3, 10, 3, [10, 25, 50, 100], null);
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{name} needs a value. Usage: {Usage}");
            parsed = name switch
            {
                "--output" => parsed with { Output = Value() },
                "--size" => parsed with { Size = Value() },
                "--architecture" => parsed with { Architecture = Value() },
                "--epochs" => parsed with { Epochs = Number(name, Value()) },
                "--batch" => parsed with { Batch = Number(name, Value()) },
                "--mask-probability" => parsed with { MaskProbability = Share(name, Value()) },
                "--fine-tuning-epochs" => parsed with { FineTuningEpochs = Number(name, Value()) },
                "--seeds" => parsed with { Seeds = Number(name, Value()) },
                "--shares" => parsed with { Shares = [.. Value().Split(',').Select(share => Number(name, share)).Where(share => share <= 100).Distinct().Order()] },
                "--rows" => parsed with { Rows = Number(name, Value()) },
                var other => throw new ArgumentException($"There is no option '{other}'. Usage: {Usage}"),
            };
        }

        return parsed;
    }

    private static double Share(string name, string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is > 0 and < 1
        ? share
        : throw new ArgumentException($"{name} needs a number between 0 and 1, found '{text}'. Usage: {Usage}");

    private static int Number(string name, string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1
        ? number
        : throw new ArgumentException($"{name} needs whole numbers of at least 1, found '{text}'. Usage: {Usage}");
}
