using MlNetBert.HuggingFace;

namespace MlNetBert.Models.Tests;

/// <summary>Models that Hugging Face's transformers saved, with what it gives for them: in this project's Goldens, or beside the checkout.</summary>
internal static class References
{
    /// <summary>Every one of the architectures here.</summary>
    public static TheoryData<string> All =>
    [
        "bert-encoder", "bert-mlm", "bert-pretraining", "bert-sequence-classification", "bert-multi-label", "bert-regression",
        "bert-token-classification", "bert-question-answering",
        "modernbert-encoder", "modernbert-mlm", "modernbert-sequence-classification", "modernbert-token-classification",
        "modernbert-question-answering",
        "mpnet-encoder", "mpnet-mlm", "mpnet-sequence-classification", "mpnet-token-classification", "mpnet-question-answering",
        "deberta-v2-encoder", "deberta-v2-mlm", "deberta-v2-mlm-new-head", "deberta-v2-sequence-classification",
        "deberta-v2-token-classification", "deberta-v2-question-answering",
        "roberta-encoder", "roberta-mlm", "roberta-mlm-pad", "roberta-sequence-classification", "roberta-token-classification",
        "roberta-question-answering", "xlm-roberta-encoder", "xlm-roberta-mlm", "camembert-mlm",
    ];

    /// <summary>Those with a head over the vocabulary.</summary>
    public static TheoryData<string> MaskedLanguageModels =>
        [.. All.Select(row => row.Data).Where(name => name.Contains("mlm", StringComparison.Ordinal))];

    /// <summary>The directory of one, or a file of it.</summary>
    public static string PathOf(string name, string file = "") =>
        Directory.Exists(TestPaths.Golden(name)) ? TestPaths.Golden(name, file) : TestPaths.Shared("golden", "models", name, file);

    public static ICheckpointWeights OpenWeights(string name) => CheckpointWeights.FromFile(PathOf(name, "model.safetensors"));

    public static ModelConfig ReadConfig(string name) => ModelArchitecture.ReadConfig(PathOf(name, "config.json"));

    /// <summary>One as the class that its config.json names.</summary>
    public static LanguageModelModule Load(string name)
    {
        var config = ReadConfig(name);
        using var weights = OpenWeights(name);
        var architecture = ModelArchitecture.Of(config);
        return architecture.Load(architecture.FindClass(config.Architectures[0])!, config, weights, out _);
    }
}
