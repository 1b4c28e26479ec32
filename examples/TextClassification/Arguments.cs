using System.Globalization;
using MlNetBert;

namespace TextClassification;

/// <summary>What the command line says; each has a default.</summary>
/// <param name="Data">A file of issues: ID, Area, Title and Description, separated by tabs, with a header; null for ../shared/data/corefx-issues.tsv, else generated ones.</param>
/// <param name="Model">A Hugging Face directory, an id of the hub, or «tiny», which pretrains a small model on the issues' own text first; null for all-MiniLM-L6-v2 in ../shared/models, else «tiny».</param>
/// <param name="Rows">The most issues that are taken; null for all.</param>
/// <param name="Epochs">Passes of fine-tuning.</param>
/// <param name="Precision">float32, bfloat16 or auto.</param>
/// <param name="Seed">Seed of all that is drawn.</param>
public sealed record Arguments(string? Data, string? Model, int? Rows, int Epochs, Precision Precision, int Seed)
{
    /// <summary>How to call the program.</summary>
    public const string Usage = "TextClassification [--data FILE] [--model DIRECTORY|ID|tiny] [--rows N] [--epochs N] [--precision auto|float32|bfloat16] [--seed N]";

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">An argument is unknown, lacks its value, or names what is not there.</exception>
    public static Arguments Parse(IReadOnlyList<string> arguments)
    {
        var parsed = new Arguments(null, null, null, 4, MlNetBert.Precision.Auto, 42);
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{name} needs a value. Usage: {Usage}");
            parsed = name switch
            {
                "--data" => parsed with { Data = Existing(Value()) },
                "--model" => parsed with { Model = Value() },
                "--rows" => parsed with { Rows = Number(name, Value(), least: 20) },
                "--epochs" => parsed with { Epochs = Number(name, Value(), least: 1) },
                "--precision" => parsed with { Precision = PrecisionOf(Value()) },
                "--seed" => parsed with { Seed = Number(name, Value(), least: 0) },
                var other => throw new ArgumentException($"There is no option '{other}'. Usage: {Usage}"),
            };
        }

        return parsed;
    }

    private static MlNetBert.Precision PrecisionOf(string text) => Enum.TryParse<MlNetBert.Precision>(text, ignoreCase: true, out var precision)
        ? precision
        : throw new ArgumentException($"--precision needs auto, float32 or bfloat16, found '{text}'. Usage: {Usage}");

    private static int Number(string name, string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new ArgumentException($"{name} needs a whole number of at least {least}, found '{text}'. Usage: {Usage}");

    private static string Existing(string path) => File.Exists(path) ? path : throw new ArgumentException($"There is no file '{path}'. Usage: {Usage}");
}
