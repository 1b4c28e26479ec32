using System.Diagnostics;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Corpora;
using MlNetBert.Text.Tokenizers.Models.WordPiece;

namespace MlNetBert.Benchmarks;

/// <summary>How fast text becomes ids, beside other tokenizers for .NET, and how fast it becomes token stores and vocabularies.</summary>
internal static class TokenizingBenchmark
{
    private const int Repetitions = 5;

    public static void Run(Arguments arguments)
    {
        if (arguments.Find("data", "bert-base-uncased-vocab.txt") is not { } vocabulary || arguments.Find("data", "wikitext-2-test.txt") is not { } text)
            return;
        var lines = File.ReadAllLines(text);
        var megabytes = new FileInfo(text).Length / 1e6;
        TokenizerPeers.Run(arguments, lines, megabytes, vocabulary);
        var tokenizer = SubwordTokenizer.FromVocabularyFile(vocabulary);
        Report.Head($"WikiText-2, {Report.Number(megabytes)} MB, by the clock", "what", "best of 5, s", "MB/s");
        foreach (var threads in new[] { 1, Environment.ProcessorCount })
        {
            var path = Path.GetTempFileName();
            Rate($"token store from the file, {threads} threads", () => new TokenStoreBuilder(tokenizer, new BlockOptions(), threads)
                .Build(path, Corpus.Open(text).ReadDocuments(), "benchmark").Dispose());
            File.Delete(path);
        }

        Rate("learning a vocabulary of 8,000", () => new WordPieceTrainer().Train(lines));

        void Rate(string name, Action action)
        {
            var best = double.MaxValue;
            for (var round = 0; round < Repetitions; round++)
            {
                var watch = Stopwatch.StartNew();
                action();
                best = Math.Min(best, watch.Elapsed.TotalSeconds);
            }

            Report.Row(name, Report.Number(best, "0.000"), Report.Number(megabytes / best, "0.0"));
        }
    }
}
