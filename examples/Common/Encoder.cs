using Microsoft.ML;
using MlNetBert;

namespace Examples.Common;

/// <summary>The encoder of an example: a checkpoint where one lies beside the repository, else a small model that is pretrained on the example's own sentences.</summary>
internal static class Encoder
{
    private const string Checkpoint = "all-MiniLM-L6-v2";

    /// <summary>Opens or trains it, and says which.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="sentences">What a small model learns from.</param>
    /// <param name="embedded">Whether to train a small one in any case.</param>
    public static PretrainedModel Get(MLContext ml, IReadOnlyList<string> sentences, bool embedded)
    {
        if (!embedded && SharedFolder.Find("models", Checkpoint) is { } directory)
        {
            Console.WriteLine($"Model: {Checkpoint}");
            return PretrainedModel.FromDirectory(directory);
        }

        Console.WriteLine($"Model: a small one, pretrained here on {sentences.Count} sentences");
        var pipeline = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 1_000 })
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 24, packing: BlockPacking.OneDocumentPerBlock))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Size = "tiny", MaxSteps = 400, BatchSize = 32, LearningRate = 2e-3, MaskProbability = 0.25 }));
        using var fitted = pipeline.Fit(ml.Data.LoadFromEnumerable(sentences.Select(s => new TextLine { Text = s })));
        return PretrainedModel.FromTransformer(fitted);
    }
}
