using System.Diagnostics;
using System.Text.Json;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Text.Tokenizers.Models.Unigram;
using MlNetBert.Text.Tokenizers.Models.WordPiece;

namespace MlNetBert.Benchmarks;

/// <summary>
/// How few tokens the vocabularies need that are learned here, beside those of Hugging Face's tokenizers and of SentencePiece on the same
/// texts: 8,000 pieces, tokens a word on texts that were not learned from.
/// </summary>
internal static class VocabularyBenchmark
{
    public static void Run(Arguments arguments)
    {
        if (arguments.Find("golden", "vocabulary-trainers.json") is not { } figures)
            return;
        using var json = JsonDocument.Parse(File.ReadAllBytes(figures));
        var size = json.RootElement.GetProperty("vocabulary").GetInt32();
        foreach (var corpus in json.RootElement.GetProperty("corpora").EnumerateObject())
        {
            if (Read(arguments, corpus.Name) is not var (training, evaluation))
                continue;
            Report.Head($"A vocabulary of {size:#,0}, {corpus.Name}", "trainer", "pieces", "tokens a word", "unknown", "s");
            foreach (var trainer in corpus.Value.GetProperty("trainers").EnumerateObject())
            {
                double Of(string name) => trainer.Value.GetProperty(name).GetDouble();
                Row(trainer.Name, (int)Of("pieces"), Of("tokens_per_word"), Of("unknown_share"), Of("train_s"));
            }

            var options = new SubwordTrainerOptions { VocabularySize = size };
            Learn("byte-level BPE, here", new BytePairTrainer(options));
            Learn("unigram, here", new UnigramTrainer(options));
            Learn("WordPiece (lower-cased), here", new WordPieceTrainer(new() { VocabularySize = size }));

            void Learn(string name, VocabularyTrainer trainer)
            {
                var watch = Stopwatch.StartNew();
                var vocabulary = trainer.Train(training);
                var seconds = watch.Elapsed.TotalSeconds;
                var use = VocabularyUse.Measure(vocabulary.Tokenizer, evaluation);
                Row(name, vocabulary.Pieces.Count, use.TokensPerWord, use.UnknownTokenRate, seconds);
            }
        }
    }

    private static void Row(string name, int pieces, double tokens, double unknown, double seconds) => Report.Row(
        name, Report.Number(pieces, "#,0"), Report.Number(tokens, "0.0000"), Report.Number(unknown, "0.00 %"), Report.Number(seconds));

    /// <summary>The texts to learn from and those to count on, as the reference's figures were made.</summary>
    private static (string[] Training, string[] Evaluation)? Read(Arguments arguments, string corpus)
    {
        if (!corpus.StartsWith("dotnet-docs", StringComparison.Ordinal))
        {
            return Lines(arguments, "wikitext-2-test.txt") is { } test && Lines(arguments, "wikitext-2-valid.txt") is { } valid
                ? (test, valid)
                : null;
        }

        if (Lines(arguments, "dotnet-docs.txt") is not { } all)
            return null;
        string[] lines = [.. all.Where(line => line.Length > 0)];
        return ([.. lines.Where((_, i) => i % 10 != 0)], [.. lines.Where((_, i) => i % 10 == 0)]);
    }

    private static string[]? Lines(Arguments arguments, string name) =>
        arguments.Find("data", name) is { } path ? [.. File.ReadLines(path).Select(line => line.Trim())] : null;
}
