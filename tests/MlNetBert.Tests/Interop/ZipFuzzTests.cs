using System.Globalization;
using System.IO.Compression;
using Microsoft.ML;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Interop;

/// <summary>What this project put into a saved zip, damaged at random: the load gives a typed exception or a pipeline, never another exception.</summary>
public class ZipFuzzTests
{
    private static readonly int Cases = int.Parse(Environment.GetEnvironmentVariable("MLNETBERT_FUZZ_CASES") ?? "5000", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("tokenizer.json", false, 2)]
    [InlineData("tokenizer_config.json", false, 2)]
    [InlineData("history.json", true, 20)]
    [InlineData("labels.bin", true, 20)]
    public void Load_WithAnEntryOfOursMutated_GivesATypedExceptionOrAPipeline(string suffix, bool fineTuned, int partOfTheCases)
    {
        var ml = new MLContext(seed: 1);
        var entries = Entries(ml, fineTuned ? Labeled.Pipeline(ml, PretrainedModel.FromTransformer(Tiny.Fitted), Labeled.Options(1)).Fit(Labeled.Load(ml)).LastTransformer : Tokenizing(ml));
        var target = entries.Keys.Single(name => name.EndsWith(suffix, StringComparison.Ordinal));
        var original = entries[target];
        var random = new Random(7);
        var refused = 0;
        var cases = Cases / partOfTheCases;
        for (var i = 0; i < cases; i++)
        {
            entries[target] = Mutated(original, random);
            using var zip = Zip(entries);
            try
            {
                (ml.Model.Load(zip, out _) as IDisposable)?.Dispose();
            }
            catch (Exception e)
            {
                Assert.True(Chain(e).Any(inner => inner is ModelFormatException), $"case {i}: {e}");
                refused++;
            }
        }

        Assert.True(refused > cases / 5, $"{refused} of {cases} refused");
    }

    private static ITransformer Tokenizing(MLContext ml) =>
        ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 100 }).Fit(SmallCorpus.Load(ml));

    private static Dictionary<string, byte[]> Entries(MLContext ml, ITransformer model)
    {
        using var stream = new MemoryStream();
        ml.Model.Save(model, inputSchema: null, stream);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
        var entries = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var entry in zip.Entries)
        {
            using var opened = entry.Open();
            using var bytes = new MemoryStream();
            opened.CopyTo(bytes);
            entries[entry.FullName] = bytes.ToArray();
        }

        return entries;
    }

    private static MemoryStream Zip(Dictionary<string, byte[]> entries)
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var opened = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                opened.Write(bytes);
            }
        }

        stream.Position = 0;
        return stream;
    }

    /// <summary>ML.NET's loader wraps what a transformer throws.</summary>
    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            yield return e;
    }

    private static byte[] Mutated(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var place = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[place] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(place, Math.Min(random.Next(1, 20), bytes.Count - place));
                    break;
                case 2:
                    bytes.InsertRange(place, bytes.GetRange(place, Math.Min(random.Next(1, 20), bytes.Count - place)));
                    break;
                default:
                    bytes.Insert(place, (byte)"0123456789-{}[]\",:nulltrefas"[random.Next(28)]);
                    break;
            }

            if (bytes.Count == 0)
                bytes.Add(0);
        }

        return [.. bytes];
    }
}
