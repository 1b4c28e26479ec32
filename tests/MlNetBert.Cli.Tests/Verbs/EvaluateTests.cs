using System.Text.Json;
using MlNetBert.Cli.Tests.Support;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models;

namespace MlNetBert.Cli.Tests.Verbs;

public class EvaluateTests(TinyModels models) : IClassFixture<TinyModels>
{
    [Fact]
    public void Evaluate_Data_GivesTheSameFiguresForASeed()
    {
        string[] arguments = ["evaluate", "--model", models.ModernBert, "--data", models.Text, "--block", "16", "--json"];

        var result = Tool.Run(arguments).Object;

        var loss = result.GetProperty("loss").GetDouble();
        Assert.InRange(loss, 2, 5);
        Assert.Equal(Math.Exp(loss), result.GetProperty("perplexity").GetDouble(), 1e-9);
        Assert.InRange(result.GetProperty("accuracy").GetDouble(), 0, 1);
        Assert.InRange(result.GetProperty("masked_tokens").GetInt64(), 60, 140);
        Assert.Equal("mlm", result.GetProperty("objective").GetString());
        Assert.Equal(result.ToString(), Tool.Run([.. arguments, "--seed", "42"]).Object.ToString());
        Assert.NotEqual(loss, Tool.Run([.. arguments, "--seed", "7"]).Object.GetProperty("loss").GetDouble());
    }

    [Fact]
    public void Evaluate_BatchSize_DoesNotMatter()
    {
        var one = Tool.Run("evaluate", "--model", models.Bert, "--data", models.Text, "--batch", "1", "--json").Object;
        var many = Tool.Run("evaluate", "--model", models.Bert, "--data", models.Text, "--batch", "64", "--json").Object;

        Assert.Equal(one.GetProperty("loss").GetDouble(), many.GetProperty("loss").GetDouble(), 1e-5);
        Assert.Equal(one.GetProperty("masked_tokens").GetInt64(), many.GetProperty("masked_tokens").GetInt64());
    }

    [Fact]
    public void Evaluate_MaskedGolden_EqualsHuggingFace()
    {
        var (model, masked, expected) = Golden("modernbert-mlm", "golden");

        var result = Tool.Run("evaluate", "--model", model, "--masked", masked, "--batch", "2", "--json").Object;

        Assert.Equal(expected, result.GetProperty("loss").GetDouble(), 2e-5);
    }

    [Theory]
    [InlineData("gpt2-clm")]
    [InlineData("gpt2-clm-padded")]
    [InlineData("llama-clm")]
    [InlineData("llama-clm-tied-scaled")]
    [InlineData("mistral-clm")]
    public void Evaluate_CausalGolden_EqualsHuggingFace(string name)
    {
        var (model, blocks, expected) = Golden(name, name);

        var result = Tool.Run("evaluate", "--model", model, "--masked", blocks, "--batch", "2", "--json").Object;

        Assert.Equal("clm", result.GetProperty("objective").GetString());
        Assert.Equal(expected, result.GetProperty("loss").GetDouble(), 2e-5);
    }

    [Fact]
    public void Evaluate_PermutedBlocksOfTransformers_GivesItsLoss()
    {
        var objectives = TestFiles.Shared("golden", "objectives");
        Assert.SkipUnless(Directory.Exists(objectives), $"There is no {objectives}.");
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(objectives, "settings.json")));

        var result = Tool.Run(
            "evaluate", "--model", Path.Combine(objectives, "xlnet-model"), "--masked", Path.Combine(objectives, "xlnet-valid.safetensors"), "--json").Object;

        Assert.Equal("plm", result.GetProperty("objective").GetString());
        Assert.Equal(settings.RootElement.GetProperty("xlnet").GetProperty("loss").GetDouble(), result.GetProperty("loss").GetDouble(), 3e-4);
    }

    [Fact]
    public void Evaluate_MaskedForAnotherModel_Fails()
    {
        var (_, masked, _) = Golden("modernbert-mlm", "other");

        Tool.Run("evaluate", "--model", models.Bert, "--masked", masked).IsFailure(1, masked, "another model");
    }

    [Fact]
    public void Evaluate_MaskedWithoutLabels_Fails()
    {
        var file = models.At("unlabeled.safetensors");
        SafetensorsWriter.Write(file, [TensorData.From<int>("input_ids", SafetensorsDtype.I32, [1, 2], new[] { 2, 3 })]);

        Tool.Run("evaluate", "--model", models.Bert, "--masked", file).IsFailure(1, "labels");
    }

    [Fact]
    public void Evaluate_TooLittleData_Fails()
    {
        var file = models.At("short.txt");
        File.WriteAllText(file, "the cat\n");

        Tool.Run("evaluate", "--model", models.Bert, "--data", file).IsFailure(1, "fills no block");
    }

    [Fact]
    public void Evaluate_BlockBeyondThePositions_IsAWrongArgument() =>
        Tool.Run("evaluate", "--model", models.Bert, "--data", models.Text, "--block", "64").IsFailure(2, "--block", "32 positions");

    /// <summary>A golden model with a tokenizer, and its reference's inputs as a file of masked blocks.</summary>
    private (string Model, string Masked, double Loss) Golden(string name, string copy)
    {
        var golden = TestFiles.GoldenModel(name);
        var model = models.Copy(golden, copy);
        var size = ModelArchitecture.ReadConfig(Path.Combine(model, ModelFiles.Config)).VocabularySize;
        SubwordTokenizer.FromVocabulary(TinyModels.Pieces.Concat(Enumerable.Range(0, size).Select(i => $"w{i}")).Take(size)).Save(model);
        using var reference = SafetensorsFile.Open(Path.Combine(golden, "reference.safetensors"));
        var masked = models.At(copy + ".safetensors");
        SafetensorsWriter.Write(masked, new[] { "input_ids", "labels", "attention_mask" }
            .Where(input => reference.Tensors.ContainsKey("input." + input)).Select(input => new TensorData(input, SafetensorsDtype.I64, reference.Describe("input." + input).Shape, reference.GetBytes("input." + input).ToArray())));
        var loss = new float[1];
        TensorConversion.ToSingle(reference.GetBytes("loss"), SafetensorsDtype.F32, loss);
        return (model, masked, loss[0]);
    }
}
