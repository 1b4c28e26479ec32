using MlNetBert;
using Stranger.Characters;

namespace Stranger.Support;

/// <summary>Some sentences, and the characters that they are spelled with.</summary>
internal static class Texts
{
    public const int BlockLength = 24;

    public static IReadOnlyList<string> Sentences { get; } =
    [
        .. from animal in new[] { "cat", "dog", "bird", "horse" }
           from verb in new[] { "sits", "sleeps", "waits" }
           from place in new[] { "house", "garden", "river" }
           select $"the {animal} {verb} near the {place}.",
    ];

    public static SubwordTokenizer Tokenizer { get; } = CharacterTrainer.Train(Sentences, maxLength: 64);

    /// <summary>What is trained on: the sentences, four times.</summary>
    public static IReadOnlyList<string> Lines { get; } = [.. Enumerable.Repeat(Sentences, 4).SelectMany(sentences => sentences)];

    /// <summary>Writes the lines to a file, and the tokenizer to a directory beside it.</summary>
    public static string Write(string directory)
    {
        Tokenizer.Save(TokenizerBeside(directory));
        var path = Path.Combine(directory, "text.txt");
        File.WriteAllLines(path, Lines);
        return path;
    }

    /// <summary>Where the tokenizer is.</summary>
    public static string TokenizerBeside(string directory) => Path.Combine(directory, "tokenizer");
}
