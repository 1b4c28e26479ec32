using System.Globalization;
using MlNetBert;

namespace Translation;

/// <summary>What the command line says; each has a default.</summary>
/// <param name="Pairs">Translated phrases to learn from.</param>
/// <param name="Texts">Phrases of each language alone, without translation, to pretrain on.</param>
/// <param name="Epochs">Passes of fine-tuning, and a fourth of those of a second, longer one.</param>
/// <param name="PretrainingEpochs">Passes of pretraining.</param>
/// <param name="Corruption">What is pretrained, and with it the model: T5's span corruption or BART's text infilling.</param>
/// <param name="Seed">Seed of all that is drawn.</param>
public sealed record Arguments(int Pairs, int Texts, int Epochs, int PretrainingEpochs, DenoisingCorruption Corruption, int Seed)
{
    /// <summary>How to call the program.</summary>
    public const string Usage =
        "Translation [--pairs N] [--texts N] [--epochs N] [--pretraining-epochs N] [--model t5|bart] [--seed N]";

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">An argument is unknown or lacks its value.</exception>
    public static Arguments Parse(IReadOnlyList<string> arguments)
    {
        var parsed = new Arguments(80, 2_000, 20, 10, DenoisingCorruption.TextInfilling, 42);
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Count
                ? arguments[i]
                : throw new ArgumentException($"{name} needs a value. Usage: {Usage}");
            parsed = name switch
            {
                "--pairs" => parsed with { Pairs = Number(name, Value(), least: 10, most: 2_000) },
                "--texts" => parsed with { Texts = Number(name, Value(), least: 10, most: 2_200) },
                "--epochs" => parsed with { Epochs = Number(name, Value(), least: 1, most: 10_000) },
                "--pretraining-epochs" => parsed with { PretrainingEpochs = Number(name, Value(), least: 1, most: 10_000) },
                "--model" => parsed with { Corruption = Model(Value()) },
                "--seed" => parsed with { Seed = Number(name, Value(), least: 0, most: int.MaxValue) },
                var other => throw new ArgumentException($"There is no option '{other}'. Usage: {Usage}"),
            };
        }

        return parsed;
    }

    private static DenoisingCorruption Model(string text) => text switch
    {
        "t5" => DenoisingCorruption.SpanCorruption,
        "bart" => DenoisingCorruption.TextInfilling,
        _ => throw new ArgumentException($"--model needs t5 or bart, found '{text}'. Usage: {Usage}"),
    };

    private static int Number(string name, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"{name} needs a whole number from {least} to {most}, found '{text}'. Usage: {Usage}");
}
