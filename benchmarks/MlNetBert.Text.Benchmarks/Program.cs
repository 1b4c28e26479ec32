// How fast text becomes tokens, vocabularies and blocks: best of several rounds, beside the bare BertTokenizer of Microsoft.ML.Tokenizers.
// dotnet run -c Release --project benchmarks/MlNetBert.Text.Benchmarks -- VOCABULARY TEXT
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Tokenizers;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Corpora;
using MlNetBert.Text.WordPiece;
using WordPieceTokenizer = MlNetBert.Text.Tokenizers.WordPieceTokenizer;

if (args.Length != 2)
{
    Console.Error.WriteLine("Usage: VOCABULARY TEXT (a vocab.txt and a text file, a document a line)");
    return 2;
}

const int Rounds = 5;
string[] lines = File.ReadAllLines(args[1]);
double megabytes = new FileInfo(args[1]).Length / 1e6;
WordPieceTokenizer tokenizer = WordPieceTokenizer.FromVocabularyFile(args[0]);
BertTokenizer bare = BertTokenizer.Create(args[0]);
var ids = new List<int>();

Rate("ids, one thread", () =>
{
    foreach (string line in lines)
    {
        ids.Clear();
        tokenizer.EncodeIds(line, ids);
    }
});
Rate("ids, offsets and masks, one thread", () =>
{
    foreach (string line in lines)
        tokenizer.Encode(line);
});
Rate("bare BertTokenizer, one thread", () =>
{
    foreach (string line in lines)
        bare.EncodeToIds(line, addSpecialTokens: false);
});
foreach (int threads in (int[])[1, Environment.ProcessorCount])
{
    string path = Path.GetTempFileName();
    Rate(string.Create(CultureInfo.InvariantCulture, $"token store, {threads} threads"), () => new TokenStoreBuilder(tokenizer, new BlockOptions(), threads)
        .Build(path, Corpus.Open(args[1]).ReadDocuments(), "benchmark").Dispose());
    File.Delete(path);
}

Rate("vocabulary of 8,000", () => new WordPieceTrainer().Train(lines));
return 0;

void Rate(string name, Action action)
{
    double best = double.MaxValue;
    for (int round = 0; round < Rounds; round++)
    {
        var watch = Stopwatch.StartNew();
        action();
        best = Math.Min(best, watch.Elapsed.TotalSeconds);
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-40} {best,8:F3} s {megabytes / best,8:F1} MB/s"));
}
