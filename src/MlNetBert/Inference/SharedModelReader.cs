using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Inference;

/// <summary>Reads a Hugging Face directory.</summary>
internal static class SharedModelReader
{
    /// <summary>The files that a model is made of; others in the directory are left alone.</summary>
    private static readonly string[] Names =
    [
        ModelFiles.Config, ModelFiles.Weights, ModelFiles.Tokenizer, ModelFiles.TokenizerConfig, ModelFiles.SpecialTokensMap,
        ModelFiles.Vocabulary, ModelFiles.Card, ModelFiles.SentenceModules, ModelFiles.SentenceConfig, ModelFiles.PoolingConfig,
    ];

    /// <summary>Reads and checks everything.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="temporary">Whether the directory is deleted afterwards.</param>
    public static SharedModel Read(string path, string source, bool temporary)
    {
        var directory = ModelDirectory.Open(path);
        var config = ModelArchitecture.ReadConfig(directory.ConfigPath);
        var tokenizer = WordPieceTokenizer.FromDirectory(path);
        if (tokenizer.Vocabulary.Count > config.VocabularySize)
        {
            throw new ModelFormatException(
                path, $"expected a tokenizer with at most the {config.VocabularySize} pieces that the model has embeddings for (vocab_size), found {tokenizer.Vocabulary.Count}. The tokenizer is another model's.");
        }

        using var weights = directory.OpenWeights();
        var head = HeadOf(config);
        var network = (HeadedModel)ModelArchitecture.Of(config).Load(head, config, weights, out var report);
        try
        {
            var hasHead = report.Missing.All(name => name.StartsWith(network.EncoderPrefix, StringComparison.Ordinal));
            return new SharedModel(network, hasHead ? head : ModelHead.Encoder, tokenizer, source, SentenceSettings.Read(path), Hold(path, temporary), report);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The files of a directory that make up its model, by their paths below it with forward slashes.</summary>
    public static IReadOnlyList<string> FilesOf(string path)
    {
        var index = Path.Combine(path, ModelFiles.WeightsIndex);
        var isSharded = !File.Exists(Path.Combine(path, ModelFiles.Weights)) && File.Exists(index);
        var shards = isSharded ? [ModelFiles.WeightsIndex, .. CheckpointWeights.ShardsOf(index)] : Array.Empty<string>();
        return [.. Names.Concat(shards).Where(n => File.Exists(Path.Combine(path, n)))];
    }

    /// <summary>Whether a file of that path below a model directory is one that models are made of.</summary>
    public static bool IsModelFile(string name) =>
        Names.Contains(name, StringComparer.Ordinal) || name == ModelFiles.WeightsIndex || (!name.Contains('/') && name.EndsWith(".safetensors", StringComparison.Ordinal));

    /// <summary>The head of a model that was fine-tuned, as <c>architectures</c> names it; every other model is opened with the masked-LM head.</summary>
    private static ModelHead HeadOf(ModelConfig config) => config.Architectures.Select(ModelArchitecture.Of(config).HeadOf).FirstOrDefault(head => head is not null) switch
    {
        { } head and (ModelHead.SequenceClassifier or ModelHead.TokenClassifier or ModelHead.QuestionAnswering) => head,
        _ => ModelHead.MaskedLanguageModel,
    };

    private static List<HeldFile> Hold(string path, bool temporary) => [.. FilesOf(path).Select(n => HeldFile.Open(path, n, temporary))];
}
