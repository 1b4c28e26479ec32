using System.Diagnostics;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Corpora;
using MlNetBert.Text.Tokenizers.Models.WordPiece;

namespace MlNetBert.Benchmarks;

/// <summary>How fast text becomes ids, beside other tokenizers for .NET, and how fast it becomes token stores and vocabularies.</summary>
internal static class TokenizingBenchmark
{
    private const int Repetitions = 5;
    private const double LongTextMegabytes = 60;

    public static void Run(Arguments arguments)
    {
        if (arguments.Find("data", "bert-base-uncased-vocab.txt") is not { } vocabulary || arguments.Find("data", "wikitext-2-test.txt") is not { } text)
            return;
        var lines = File.ReadAllLines(text);
        var megabytes = new FileInfo(text).Length / 1e6;
        TokenizerPeers.Run(arguments, lines, megabytes, vocabulary);
        var tokenizer = SubwordTokenizer.FromVocabularyFile(vocabulary);
        StoreTokens(arguments, tokenizer, lines, megabytes);
        Report.Head($"WikiText-2, {Report.Number(megabytes)} MB, by the clock", "what", "best of 5, s", "MB/s");
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

    /// <summary>Token stores of a text long enough that its threads have work, on one thread and on all, in turn.</summary>
    private static void StoreTokens(Arguments arguments, SubwordTokenizer tokenizer, string[] lines, double megabytes)
    {
        var directory = Directory.CreateTempSubdirectory();
        var (text, path) = (Path.Combine(directory.FullName, "long.txt"), Path.Combine(directory.FullName, "store"));
        try
        {
            var copies = (int)Math.Ceiling(LongTextMegabytes / megabytes);
            File.WriteAllLines(text, Enumerable.Repeat(lines, copies).SelectMany(all => all));
            int[] threads = [1, Environment.ProcessorCount];
            var clock = threads.ToDictionary(count => count, _ => new List<double>());
            var processor = threads.ToDictionary(count => count, _ => new List<double>());
            for (var round = -1; round < arguments.Rounds; round++)
            {
                foreach (var count in threads)
                {
                    var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
                    new TokenStoreBuilder(tokenizer, new BlockOptions(), count).Build(path, Corpus.Open(text).ReadDocuments(), "benchmark").Dispose();
                    if (round < 0)
                        continue;
                    clock[count].Add(watch.Elapsed.TotalSeconds);
                    processor[count].Add((Environment.CpuUsage.TotalTime - before).TotalSeconds);
                }
            }

            var written = new FileInfo(text).Length / 1e6;
            Report.Head($"Token store of {Report.Number(written, "0")} MB, WikiText-2 {copies} times", "threads", "s by the clock", "MB/s", "processor seconds", "times as fast");
            foreach (var count in threads)
            {
                var seconds = Report.Median(clock[count]);
                Report.Row($"{count}", Report.Spread(clock[count]), Report.Number(written / seconds, "0.0"), Report.Spread(processor[count]), $"{Report.Number(Report.Median(clock[1]) / seconds)} ×");
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
