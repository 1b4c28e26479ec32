using MlNetBert.Models;
using MlNetBert.Tests.Common;

namespace MlNetBert.Tests.Support;

/// <summary>Small causal models with drawn weights and a tokenizer of bytes.</summary>
internal static class TinyCausal
{
    public const int Positions = 24;

    // Large weights: scores far from each other.
    private const double Range = 0.4;

    /// <summary>A byte-level tokenizer that was learned, whose characters beyond ASCII are several tokens; its first token ends texts.</summary>
    public static SubwordTokenizer Tokenizer { get; } = Learn("<|endoftext|>");

    /// <summary>A model's directory, a new one each time.</summary>
    public static string Of(TemporaryDirectory directory, string name = "causal", SubwordTokenizer? tokenizer = null, string modelType = "llama", int positions = Positions)
    {
        tokenizer ??= Tokenizer;
        var architecture = ModelArchitecture.Get(modelType);
        var config = architecture.CreateConfig(new ModelSize("test", 2, 32, 4), tokenizer.Vocabulary.Count, positions, new ModelTokenIds(null, null, null)) with { InitializerRange = Range };
        using var network = architecture.Create(ModelHead.CausalLanguageModel, config.WithDropout(0), seed: 11);
        var path = directory.File(name);
        Weights.SaveDirectory(network, path);
        tokenizer.Save(path);
        return path;
    }

    /// <summary>A byte-level tokenizer with special tokens, its first.</summary>
    public static SubwordTokenizer Learn(params string[] special)
    {
        var texts = Enumerable.Range(0, 40).Select(i => new SmallCorpus.Row { Text = $"😸猫é 😸 ab cd{i}" });
        var ml = new Microsoft.ML.MLContext(seed: 1);
        var options = new SubwordTokenizingOptions { Model = SubwordModelType.BytePair, VocabularySize = 290, SpecialTokens = [.. special] };
        return ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", options).Fit(ml.Data.LoadFromEnumerable(texts)).Tokenizer;
    }
}
