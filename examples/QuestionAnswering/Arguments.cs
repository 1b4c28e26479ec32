using System.Globalization;

namespace QuestionAnswering;

/// <summary>What the command line says; each has a default.</summary>
/// <param name="Model">A Hugging Face directory, an id of the hub, or «tiny», which pretrains a small model on the texts first; null for all-MiniLM-L6-v2 in ../shared/models, else «tiny».</param>
/// <param name="People">People that questions are asked about.</param>
/// <param name="Epochs">Passes of fine-tuning; null for 4, or 30 of the tiny model.</param>
/// <param name="Seed">Seed of all that is drawn.</param>
public sealed record Arguments(string? Model, int People, int? Epochs, int Seed)
{
    /// <summary>How to call the program.</summary>
    public const string Usage = "QuestionAnswering [--model DIRECTORY|ID|tiny] [--people N] [--epochs N] [--seed N]";

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">An argument is unknown or lacks its value.</exception>
    public static Arguments Parse(IReadOnlyList<string> arguments)
    {
        var parsed = new Arguments(null, 150, null, 42);
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{name} needs a value. Usage: {Usage}");
            parsed = name switch
            {
                "--model" => parsed with { Model = Value() },
                "--people" => parsed with { People = Number(name, Value(), least: 10) },
                "--epochs" => parsed with { Epochs = Number(name, Value(), least: 1) },
                "--seed" => parsed with { Seed = Number(name, Value(), least: 0) },
                var other => throw new ArgumentException($"There is no option '{other}'. Usage: {Usage}"),
            };
        }

        return parsed;
    }

    /// <summary>A directory beside the checkout; null where it is not there.</summary>
    public static string? Shared(params string[] parts)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "MlNetBert.sln")) && Path.GetFullPath(Path.Combine([directory.FullName, "..", "shared", .. parts])) is var path && Path.Exists(path))
                return path;
        }

        return null;
    }

    private static int Number(string name, string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new ArgumentException($"{name} needs a whole number of at least {least}, found '{text}'. Usage: {Usage}");
}
