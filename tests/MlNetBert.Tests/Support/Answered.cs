using Microsoft.ML;
using MlNetBert.Models;

namespace MlNetBert.Tests.Support;

/// <summary>Texts with answers that a tiny model learns within seconds, and how to fine-tune on them.</summary>
internal static class Answered
{
    /// <summary>A sentence, and its place and animal: every seventh for testing.</summary>
    public static IReadOnlyList<Row> Rows { get; } =
    [
        .. SmallCorpus.Sentences.Select(sentence => sentence.ToLowerInvariant().TrimEnd('.').Split(' '))
            .Select(words => new Row { Source = string.Join(' ', words), Target = $"{words[5]} {words[1]}" }),
    ];

    /// <summary>A backbone with drawn weights of an architecture that writes texts. To be disposed.</summary>
    public static PretrainedModel Drawn(string architecture)
    {
        var special = Tiny.Tokenizer.SpecialTokens;
        var ids = new ModelTokenIds(special.PaddingTokenId, special.ClassificationTokenId, special.SeparatorTokenId);
        var size = new ModelSize("small test", 2, 64, 4);
        return PretrainedModel.Create(
            ModelArchitecture.Get(architecture).CreateConfig(size, Tiny.Tokenizer.Vocabulary.Count, maxPositions: 24, ids).WithDropout(0), Tiny.Tokenizer, seed: 3);
    }

    public static SequenceToSequenceOptions Options(int epochs = 25) => new()
    {
        Epochs = epochs,
        BatchSize = 8,
        LearningRate = 5e-3,
        Threads = 1,
        Precision = Precision.Float32,
        Device = "cpu",
        MaxTargetLength = 8,
        EvaluationTexts = 10,
    };

    public static IDataView Load(MLContext ml) => ml.Data.LoadFromEnumerable(Rows);

    public static IDataView Tests(MLContext ml) => ml.Data.LoadFromEnumerable(Rows.Where((_, i) => i % 7 == 0));

    public static IDataView Training(MLContext ml) => ml.Data.LoadFromEnumerable(Rows.Where((_, i) => i % 7 != 0));

    public sealed class Row
    {
        public string? Source { get; set; }

        public string? Target { get; set; }
    }
}
