using System.Text.Json.Nodes;
using Microsoft.ML;
using MlNetBert.Conversion;
using MlNetBert.Evaluation;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives.Rtd;

namespace MlNetBert.Tests.Pretraining.Rtd;

public sealed class RtdTaskTests : IDisposable
{
    private static readonly PretrainingTask Task = PretrainingTask.Get("rtd");

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("modernbert", 2, 128, 2, 341)]
    [InlineData("bert", 2, 128, 2, 512)]
    [InlineData("electra", 4, 32, 1, 128)]
    public void GeneratorFor_OfASize_HasHalfOfTheLayersOrAQuarterOfTheWidth(string architecture, int layers, int width, int heads, int inner)
    {
        var config = ModelArchitecture.Get(architecture).CreateConfig(new ModelSize("test", 4, 128, 2), 100, 32, new ModelTokenIds(0, 2, 3));

        var generator = Task.GeneratorConfigFor(config, null)!;

        Assert.Equal((layers, width, heads, inner), (generator.LayerCount, generator.HiddenSize, generator.HeadCount, generator.IntermediateSize));
        Assert.Equal(config.EmbeddingWidth, generator.EmbeddingWidth);
        Assert.Empty(generator.Validate());
    }

    [Fact]
    public void Save_OfATrainedModel_HasTheGeneratorBelowItWithTheSameEmbeddings()
    {
        var path = Saved();

        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(path, "config.json")))!;
        Assert.Equal("ModernBertForReplacedTokenDetection", (string?)config["architectures"]![0]);
        Assert.Equal("REPLACED", (string?)config["id2label"]!["0"]); // transformers' token classifier opens it with one label
        using var weights = CheckpointWeights.FromFile(Path.Combine(path, "model.safetensors"));
        using var below = CheckpointWeights.FromFile(Path.Combine(path, "generator", "model.safetensors"));
        Assert.Equal([1, 32], weights.Describe("classifier.weight").Shape);
        Assert.Contains("head.dense.weight", weights.Names);
        Assert.Equal(weights.GetBytes("model.embeddings.tok_embeddings.weight").ToArray(), below.GetBytes("model.embeddings.tok_embeddings.weight").ToArray());
        Assert.Equal(weights.GetBytes("model.embeddings.norm.weight").ToArray(), below.GetBytes("model.embeddings.norm.weight").ToArray());
        using var generator = PretrainedModel.FromDirectory(Path.Combine(path, "generator"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(ModelHead.MaskedLanguageModel, generator.Head);
    }

    [Fact]
    public void Save_OfAModelWithoutAGeneratorOverOneWithIt_LeavesNoneThere()
    {
        var path = Saved();
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);

        model.Save(path);

        Assert.False(File.Exists(Path.Combine(path, "generator", "config.json")));
        Assert.False(File.Exists(Path.Combine(path, "generator", "model.safetensors")));
    }

    [Fact]
    public void Convert_ToAnotherTypeAndToAZipAndBack_KeepsTheGenerator()
    {
        var path = Saved();
        using var source = ModelSource.Resolve(path);

        ModelConversion.Convert(source, _directory.File("half"), SafetensorsDtype.BF16, cancellationToken: TestContext.Current.CancellationToken);
        var zip = ModelConversion.Convert(source, _directory.File("m.zip"), cancellationToken: TestContext.Current.CancellationToken);
        using var zipped = ModelSource.Resolve(_directory.File("m.zip"));
        ModelConversion.Convert(zipped, _directory.File("back"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("rtd", zip.Objective);
        using var half = CheckpointWeights.FromFile(Path.Combine(_directory.File("half"), "generator", "model.safetensors"));
        Assert.All(half.Names, name => Assert.Equal(SafetensorsDtype.BF16, half.Describe(name).Dtype));
        foreach (var name in new[] { "model.safetensors", "generator/model.safetensors", "generator/config.json" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(path, name)), File.ReadAllBytes(Path.Combine(_directory.File("back"), name)));
    }

    [Fact]
    public void CreateModel_FromACheckpointWithItsGenerator_GoesOnWithBoth()
    {
        using var start = PretrainedModel.FromDirectory(Saved(), cancellationToken: TestContext.Current.CancellationToken);

        using var models = (RtdModels)Task.CreateModel(start.Config, start, seed: 9);

        using var generator = start.Shared.CopyGenerator();
        Assert.DoesNotContain(models.Generator.named_parameters(), own => !own.parameter.eq(generator!.get_parameter(own.name)!).all().item<bool>());
        Assert.DoesNotContain(models.Discriminator.named_parameters(), own => !own.parameter.eq(start.Network.get_parameter(own.name)!).all().item<bool>());
        Assert.True(models.Generator.training && models.Discriminator.training);
        Assert.Empty(Task.DescribeStart(start));
    }

    [Fact]
    public void CreateModel_FromACheckpointWithoutAGenerator_SaysThatItMakesANewOne()
    {
        var path = Saved();
        Directory.Delete(Path.Combine(path, "generator"), recursive: true);
        using var start = PretrainedModel.FromDirectory(path, cancellationToken: TestContext.Current.CancellationToken);
        using var masked = PretrainedModel.FromTransformer(Tiny.Fitted);

        using var models = (RtdModels)Task.CreateModel(start.Config, start, seed: 9);

        Assert.Same(models.Discriminator.Backbone.WordEmbeddings, models.Generator.Backbone.WordEmbeddings);
        Assert.True(models.Generator.Backbone.WordEmbeddings.eq(start.Network.Backbone.WordEmbeddings).all().item<bool>());
        Assert.Contains("a new one of 1 layers of width 32", Assert.Single(Task.DescribeStart(start)), StringComparison.Ordinal);
        Assert.Contains("has no generator", Assert.Single(Task.DescribeStart(masked)), StringComparison.Ordinal);
        var refused = Assert.Throws<InvalidOperationException>(() => new PretrainingEvaluator(start, new() { BlockLength = 12 }).Evaluate(SmallCorpus.Sentences, TestContext.Current.CancellationToken));
        Assert.Contains("generator/", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CreateModel_FromAGeneratorThatDoesNotFit_IsRefusedWithItsFolder()
    {
        var (narrow, other) = (Saved(), Saved("other"));
        Checkpoint.EditConfig(narrow, config => config["vocab_size"] = 200, "generator/config.json");
        Checkpoint.Rewrite(Path.Combine(narrow, "generator"), tensors => tensors.Select(tensor => tensor.Name is "model.embeddings.tok_embeddings.weight" or "decoder.bias" ? Cut(tensor, 200) : tensor));
        File.Copy(Path.Combine(other, "model.safetensors"), Path.Combine(other, "generator", "model.safetensors"), overwrite: true);
        File.Copy(Path.Combine(other, "config.json"), Path.Combine(other, "generator", "config.json"), overwrite: true);

        var shape = Assert.Throws<ModelFormatException>(() => Create(narrow));
        var kind = Assert.Throws<ModelFormatException>(() => Create(other));

        Assert.Contains("200 tokens of width 32", shape.Message, StringComparison.Ordinal);
        Assert.Contains("256 tokens of width 32", shape.Message, StringComparison.Ordinal);
        Assert.Contains("200 tokens of width 32", Assert.Throws<ModelFormatException>(() => Evaluate(narrow)).Message, StringComparison.Ordinal);
        Assert.Contains("found one without ", kind.Message, StringComparison.Ordinal);
        Assert.All([shape, kind], exception => Assert.Contains("/generator", exception.Message, StringComparison.Ordinal));

        static void Create(string path)
        {
            using var start = PretrainedModel.FromDirectory(path);
            using var models = Task.CreateModel(start.Config, start, seed: 9);
        }

        static void Evaluate(string path)
        {
            using var model = PretrainedModel.FromDirectory(path);
            new PretrainingEvaluator(model, new() { BlockLength = 16 }).Evaluate(SmallCorpus.Sentences);
        }

        static TensorData Cut(TensorData tensor, long rows)
        {
            var bytes = new MemoryStream();
            tensor.WriteTo(bytes);
            return new TensorData(tensor.Name, tensor.Dtype, [rows, .. tensor.Shape.Skip(1)], bytes.ToArray().AsSpan(0, (int)(bytes.Length / tensor.Shape[0] * rows)).ToArray());
        }
    }

    [Fact]
    public void DescribeStart_OfAGeneratorWithOtherEmbeddings_SaysWhichAreTaken()
    {
        var path = Saved();
        Checkpoint.Rewrite(Path.Combine(path, "generator"), tensors => tensors.Select(tensor => tensor.Name == "model.embeddings.norm.weight"
            ? new TensorData(tensor.Name, tensor.Dtype, tensor.Shape, new byte[4 * 32])
            : tensor));
        using var start = PretrainedModel.FromDirectory(path, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Contains("has other embeddings", Assert.Single(Task.DescribeStart(start)), StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluateStored_PyTorchsElectra_GivesPyTorchsLosses()
    {
        var folder = SharedFiles.Find("golden", "objectives", "electra-model");
        var expected = JsonNode.Parse(File.ReadAllText(SharedFiles.Find("golden", "objectives", "settings.json")))!["electra"]!;
        var blocks = SharedFiles.Find("golden", "objectives", "valid-blocks.safetensors");
        using var model = PretrainedModel.FromDirectory(folder, cancellationToken: TestContext.Current.CancellationToken);

        var result = new PretrainingEvaluator(model).EvaluateStored(blocks, TestContext.Current.CancellationToken);

        // PyTorch drew its own masks and replacements.
        Assert.Equal((double)expected["loss"]!, result.Loss, 0.3);
        Assert.Equal((double)expected["generator"]!, result.Metrics!["generator_loss"], 0.03);
        Assert.Equal((double)expected["discriminator"]!, result.Metrics["discriminator_loss"], 0.006);
        Assert.Equal(0.1388, result.Metrics["replaced"], 0.003); // settings.json, after ten epochs
        Assert.Equal((0, 1), (result.Metrics["found"], result.Metrics["kept"]));
    }

    [Fact]
    public void EvaluateStored_OfPaddedBlocks_LeavesPaddingOutAndFollowsTheSeed()
    {
        using var model = PretrainedModel.FromTransformer(TinyRtd.Fitted);
        var path = _directory.File("blocks.safetensors");
        Write(path, [2, 10, 11, 12, 3, 0, 2, 10, 11, 12, 13, 3], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]);
        EvaluationResult Evaluate(int seed) => new PretrainingEvaluator(model, new() { Seed = seed }).EvaluateStored(path, TestContext.Current.CancellationToken);

        Assert.Equal(11, Evaluate(1).TargetCount);
        Assert.Equal(Evaluate(1).Loss, Evaluate(1).Loss);
        Assert.NotEqual(Evaluate(1).Loss, Evaluate(2).Loss);
        Write(path, [2, 10, 11, 12, 3, 0], [1, 1, 0, 1, 1, 0]);
        Assert.Contains("block 0", Assert.Throws<ModelFormatException>(() => Evaluate(1)).Message, StringComparison.Ordinal);

        static void Write(string path, int[] ids, int[] mask)
        {
            static byte[] Bytes(int[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
            SafetensorsWriter.Write(path, [new("input_ids", SafetensorsDtype.I32, [ids.Length / 6, 6], Bytes(ids)), new("attention_mask", SafetensorsDtype.I32, [ids.Length / 6, 6], Bytes(mask))]);
        }
    }

    [Fact]
    public void MemoryEstimate_OfBothModels_IsThatOfTheTwoWithEmbeddingsOnce()
    {
        var config = TinyRtd.Config(layers: 4);
        var generator = Task.GeneratorConfigFor(config, null)!;
        MemoryEstimate Of(ModelConfig model, double share, ModelConfig? other = null) => MemoryEstimate.Of(model, 24, share, ComputePrecision.Float32, generator: other);

        var (both, one, two) = (Of(config, 0.15, generator), Of(config, 0), Of(generator, 0.15));

        Assert.Equal(one.BytesPerExample + two.BytesPerExample, both.BytesPerExample);
        // A weight, its gradient and two moments of 256 tokens of width 32, and what allocators hold; and the workspaces once.
        Assert.Equal(one.FixedBytes + two.FixedBytes - 20_000_000 - (1.15 * 256 * 32 * 16), both.FixedBytes, 2.0);
    }

    [Fact]
    public void PreviewCorruption_OfReplacedTokens_ShowsWhatTheGeneratorReads()
    {
        var ml = new MLContext(seed: 1);
        var tokens = Tiny.Tokens(ml).Append(Tiny.Group(ml)).Fit(SmallCorpus.Load(ml)).Transform(SmallCorpus.Load(ml));

        var preview = ml.Data.PreviewCorruption(tokens, "Tokens", options: new RtdOptions { MaskProbability = 0.4 }).ToString();

        Assert.Equal(ml.Data.PreviewCorruption(tokens, "Tokens", options: new MlmOptions { MaskProbability = 0.4 }).ToString(), preview);
        Assert.Contains("[MASK]", preview, StringComparison.Ordinal);
    }

    private string Saved(string name = "model")
    {
        using var model = PretrainedModel.FromTransformer(TinyRtd.Fitted);
        model.Save(_directory.File(name));
        return _directory.File(name);
    }
}
