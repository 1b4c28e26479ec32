namespace Lesson;

/// <summary>What the command line says; each has a default.</summary>
/// <param name="File">A text file to learn from, a line a paragraph; null for WikiText-2.</param>
/// <param name="Vocabulary">A WordPiece vocabulary; null for bert-base-uncased's where it is at hand, else one that is learnt.</param>
/// <param name="From">A Hugging Face directory to start from; null for random weights.</param>
/// <param name="Output">Where the results are written.</param>
public sealed record Arguments(string? File, string? Vocabulary, string? From, string Output)
{
    /// <summary>How to call the program.</summary>
    public const string Usage = "Lesson [FILE] [--vocabulary FILE] [--from DIRECTORY] [--output DIRECTORY]";

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">An argument is unknown, lacks its value, or names a file that is not there.</exception>
    public static Arguments Parse(IReadOnlyList<string> arguments)
    {
        var parsed = new Arguments(null, null, null, Path.Combine("artifacts", "lesson"));
        for (var i = 0; i < arguments.Count; i++)
        {
            string Value() => ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{arguments[^1]} needs a value. Usage: {Usage}");
            parsed = arguments[i] switch
            {
                "--vocabulary" => parsed with { Vocabulary = Existing(Value()) },
                "--from" => parsed with { From = Value() },
                "--output" => parsed with { Output = Value() },
                var option when option.StartsWith('-') => throw new ArgumentException($"There is no option '{option}'. Usage: {Usage}"),
                var file when parsed.File is null => parsed with { File = Existing(file) },
                var file => throw new ArgumentException($"One file at most, found '{file}' after '{parsed.File}'. Usage: {Usage}"),
            };
        }

        return parsed;
    }

    private static string Existing(string path) =>
        System.IO.File.Exists(path) ? path : throw new ArgumentException($"There is no file '{path}'. Usage: {Usage}");
}
