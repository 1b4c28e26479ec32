using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;
using MlNetBert.Models.Verification;
using MlNetBert.Tests.Common;

namespace MlNetBert.Models.Tests;

/// <summary>What every model of transformers gives here, and what is written of it.</summary>
public sealed class ReferenceTests
{
    public static TheoryData<string> Names => ReferenceNames.All;

    /// <summary>Without those whose config.json has the layout of transformers 4.</summary>
    public static TheoryData<string> NewerNames =>
        [.. ReferenceNames.All.Select(row => row.Data).Except(["llama-clm-theta", "llama-clm-llama3-old"], StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Verify_ReferenceOfHuggingFace_EqualsInEveryOutputAndGradient(string name)
    {
        var result = ReferenceVerifier.Verify(References.PathOf(name), References.PathOf(name, "reference.safetensors"));

        Assert.Empty(result.Missing);
        Assert.NotEmpty(result.Compared);
        Assert.True(result.Weights.IsComplete);
        var tolerance = ReferenceNames.ToleranceOf(name);
        Assert.True(result.LargestOutputDifference <= tolerance, $"{result.WorstOutput}: {result.LargestOutputDifference}");
        Assert.Equal(!name.EndsWith("encoder", StringComparison.Ordinal), result.LargestRelativeGradientDifference is not null);
        Assert.True(result.LargestRelativeGradientDifference is not { } gradient || gradient <= Math.Max(1e-4, tolerance),
            $"{result.WorstGradient}: {result.LargestRelativeGradientDifference}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SaveDirectory_AfterLoad_WritesTheSameBytesAsTransformers(string name)
    {
        using var directory = new TemporaryDirectory();
        using (var model = References.Load(name))
            Weights.SaveDirectory(model, directory.Path);

        Assert.Equal(File.ReadAllBytes(References.PathOf(name, ModelFiles.Weights)), File.ReadAllBytes(directory.File(ModelFiles.Weights)));
        Assert.Equal(
            File.ReadAllText(References.PathOf(name, ModelFiles.Config)).TrimEnd(),
            File.ReadAllText(directory.File(ModelFiles.Config)).TrimEnd());
    }

    [Theory]
    [MemberData(nameof(NewerNames))]
    public void ToJson_OfTheSameConfigurationMadeHere_HasTheKeysOfTransformers(string name)
    {
        var read = References.ReadConfig(name);

        var made = (read with { Source = null }).ToJson();

        Assert.Equal(
            read.ToJson().Select(entry => entry.Key).Order(StringComparer.Ordinal),
            made.Select(entry => entry.Key).Order(StringComparer.Ordinal));
        // One function under two names.
        static string Line(string key, JsonNode? value) =>
            $"{key}: {value?.ToJsonString()}".Replace("gelu_new", "gelu_pytorch_tanh", StringComparison.Ordinal);
        foreach (var (key, value) in made.Where(entry => entry.Key != "transformers_version"))
            Assert.Equal(Line(key, read.ToJson()[key]), Line(key, value));
    }
}
