using System.Text;
using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;
using MlNetBert.Models.Bert;
using MlNetBert.Models.ModernBert;
using MlNetBert.Tests.Common;

namespace MlNetBert.Models.Tests;

/// <summary>Small models for tests.</summary>
internal static class TestModels
{
    public static ModelTokenIds Tokens { get; } = new(Padding: 0, Classification: 1, Separator: 2);

    /// <summary>The names of those that <see cref="Tiny"/> makes: of one stack.</summary>
    public static TheoryData<string> Architectures => OwnArchitectures.OfOneStack;

    /// <summary>The names of those whose layers have kernels.</summary>
    public static TheoryData<string> ArchitecturesWithKernels =>
        [.. Architectures.Select(row => row.Data).Where(name => ModelArchitecture.Get(name).KernelWidths.Count > 0)];

    public static MaskedLanguageModel LoadMaskedLanguageModel(string path)
    {
        var directory = ModelDirectory.Open(path);
        var config = ModelArchitecture.ReadConfig(directory.ConfigPath);
        using var weights = directory.OpenWeights();
        return (MaskedLanguageModel)ModelArchitecture.Of(config).Load(ModelHead.MaskedLanguageModel, config, weights, out _);
    }

    /// <summary>A model of 2 × 32 with 50 tokens and 16 positions; dropout as published.</summary>
    public static VocabularyModel Tiny(string architecture, long seed = 1) =>
        ModelArchitecture.Get(architecture).CreateVocabularyModel(TinyConfig(architecture), seed);

    public static ModelConfig TinyConfig(string architecture) =>
        ModelArchitecture.Get(architecture).CreateConfig(new ModelSize("test", 2, 32, 4), vocabularySize: 50, maxPositions: 16, Tokens);

    public static JsonObject GoldenConfig(string name) => JsonNode.Parse(File.ReadAllText(TestPaths.Golden(name, "config.json")))!.AsObject();

    public static BertConfig ParseBert(JsonObject json) => (BertConfig)Parse(json);

    public static ModernBertConfig ParseModernBert(JsonObject json) => (ModernBertConfig)Parse(json);

    public static ModelConfig Parse(JsonObject json) =>
        ModelArchitecture.ReadConfig(Encoding.UTF8.GetBytes(json.ToJsonString()), "config.json");
}
