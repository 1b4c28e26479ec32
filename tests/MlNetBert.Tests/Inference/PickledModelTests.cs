using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML;
using MlNetBert.Conversion;
using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Inference;

/// <summary>A model whose weights are pytorch_model.bin is used as any other, and what is saved of it is model.safetensors.</summary>
public sealed class PickledModelTests : IDisposable
{
    private const string Text = "The cat [MASK] on the mat.";

    private readonly TemporaryDirectory _directory = new();
    private readonly string _original;
    private readonly string _pickled;

    public PickledModelTests()
    {
        _original = Checkpoint.Of(_directory, "original");
        _pickled = Checkpoint.Of(_directory, "pickled");
        TorchFile.Replace(_pickled);
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void FromDirectory_GivesTheSameNumbersAndSavesTheSameFiles(int shards)
    {
        var path = Checkpoint.Of(_directory, "shards");
        TorchFile.Replace(path, shards);
        Assert.Equal(shards == 1 ? 1 : shards + 1, Pickles(path).Length);
        using var expected = PretrainedModel.FromDirectory(_original);

        using var model = PretrainedModel.FromDirectory(path);

        Assert.Empty(model.Warnings);
        Assert.Equal(Fill(expected), Fill(model));
        Directory.Delete(path, recursive: true);
        model.Save(_directory.File("saved"));
        Assert.Equal(Files(_original), Files(_directory.File("saved")));
    }

    [Fact]
    public void Zip_HoldsSafetensors()
    {
        var ml = new MLContext(seed: 1);
        using (var model = PretrainedModel.FromDirectory(_pickled))
        using (var fitted = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(SmallCorpus.Load(ml)))
            ml.Model.Save(fitted, SmallCorpus.Load(ml).Schema, _directory.File("m.zip"));

        using var source = ModelSource.Resolve(_directory.File("m.zip"));

        Assert.Equal(Files(_original), Files(source.GetDirectory(TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SafetensorsDtype.BF16)]
    public void Convert_WritesSafetensorsOfTheSameOrAnotherType(SafetensorsDtype? dtype)
    {
        using var source = ModelSource.Resolve(_pickled);
        using var same = ModelSource.Resolve(_original);

        ModelConversion.Convert(source, _directory.File("converted"), dtype, cancellationToken: TestContext.Current.CancellationToken);
        ModelConversion.Convert(same, _directory.File("expected"), dtype, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Files(_directory.File("expected")), Files(_directory.File("converted")));
    }

    [Fact]
    public void Convert_WithoutATokenizer_WritesTheWeights()
    {
        foreach (var name in (string[])[ModelFiles.Tokenizer, ModelFiles.TokenizerConfig, ModelFiles.SpecialTokensMap,
            ModelFiles.Vocabulary])
            File.Delete(Path.Combine(_pickled, name));
        using var source = ModelSource.Resolve(_pickled);

        var result =
            ModelConversion.Convert(source, _directory.File("converted"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Files(_original)[ModelFiles.Weights], Files(_directory.File("converted"))[ModelFiles.Weights]);
        Assert.DoesNotContain(result.Files, file => file.Name.EndsWith(".bin", StringComparison.Ordinal));
    }

    [Fact]
    public void Convert_OverADirectoryWithPickles_ReplacesIt()
    {
        var (one, sharded) = (Checkpoint.Of(_directory, "one"), Checkpoint.Of(_directory, "sharded"));
        TorchFile.Replace(one);
        TorchFile.Replace(sharded, shards: 2);
        using var source = ModelSource.Resolve(_original);
        foreach (var target in (string[])[one, sharded])
        {
            ModelConversion.Convert(source, target, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(Files(_original), Files(target));
        }
    }

    [Theory]
    [InlineData("training_args.bin")]
    [InlineData("optimizer.pt")]
    public void TrainersFiles_AreNoWeights(string name)
    {
        File.Move(Path.Combine(_pickled, ModelFiles.PickledWeights), Path.Combine(_pickled, name));
        using var source = ModelSource.Resolve(_original);

        Assert.Contains(
            name, Assert.Throws<SafetensorsFormatException>(() => PretrainedModel.FromDirectory(_pickled)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            $"'{name}', which is no file of a model",
            Assert.Throws<IOException>(
                () => ModelConversion.Convert(source, _pickled, cancellationToken: TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void FromDirectory_BothFormats_TakesSafetensors()
    {
        File.WriteAllText(Path.Combine(_original, ModelFiles.PickledWeights), "no weights at all");

        using var model = PretrainedModel.FromDirectory(_original);
        model.Save(_directory.File("saved"));

        Assert.Empty(Pickles(_directory.File("saved")));
    }

    [Fact]
    public void FromDirectory_TrainersCheckpoint_WarnsAndConvertDoesToo()
    {
        using (var weights = CheckpointWeights.FromFile(Path.Combine(_original, ModelFiles.Weights)))
        {
            var pickle = new PickleBuilder().Dictionary().Mark().Text("model").OrderedDict().Mark();
            var storages = new List<(string, byte[])>();
            foreach (var name in weights.Names)
            {
                var tensor = weights.Describe(name);
                pickle.Text(name)
                    .Tensor(values => values.Storage("FloatStorage", $"{storages.Count}", tensor.ByteLength / 4), [.. tensor.Shape]);
                storages.Add(($"data/{storages.Count}", weights.GetBytes(name).ToArray()));
            }

            File.WriteAllBytes(
                Path.Combine(_pickled, ModelFiles.PickledWeights),
                TorchFile.Archive(pickle.SetItems().Text("epoch").Number(3).SetItems().Stop().ToBytes(), [.. storages]));
        }

        using var model = PretrainedModel.FromDirectory(_pickled);
        using var source = ModelSource.Resolve(_pickled);
        var converted =
            ModelConversion.Convert(source, _directory.File("converted"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Contains("'epoch'", Assert.Single(model.Warnings), StringComparison.Ordinal);
        Assert.Equal(model.Warnings, converted.Warnings);
        Assert.Equal(Files(_original), Files(_directory.File("converted")));
    }

    [Fact]
    public void FromDirectory_LinkThatLeadsOut_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights of their own on Windows.");
        var weights = Path.Combine(_pickled, ModelFiles.PickledWeights);
        File.Move(weights, _directory.File("elsewhere.bin"));
        File.CreateSymbolicLink(weights, _directory.File("elsewhere.bin"));

        Assert.Contains(
            "leads out", Assert.Throws<ModelFormatException>(() => PretrainedModel.FromDirectory(_pickled)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void FromDirectory_TrainedOn_IsSavedAndOpenedAgainWithTheSameNumbers()
    {
        var ml = new MLContext(seed: 1);
        using var model = PretrainedModel.FromDirectory(_pickled);
        using var untrained = PretrainedModel.FromDirectory(_original);
        PretrainedModel Trained(PretrainedModel from) => PretrainedModel.FromTransformer(
            ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", from).Append(Tiny.Group(ml))
                .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", from, Tiny.Options(steps: 3) with { Config = null }))
                .Fit(SmallCorpus.Load(ml)));

        using var trained = Trained(model);
        using var expected = Trained(untrained);
        trained.Save(_directory.File("trained"));
        using var again = PretrainedModel.FromDirectory(_directory.File("trained"));

        Assert.Empty(Pickles(_directory.File("trained")));
        Assert.NotEqual(Fill(model), Fill(trained));
        Assert.Equal(Fill(expected), Fill(trained));
        Assert.Equal(Fill(trained), Fill(again));
        Assert.Equal(new TextEmbedder(trained).Embed([Text])[0], new TextEmbedder(again).Embed([Text])[0]);
    }

    private static string[] Pickles(string path) =>
        [.. Directory.EnumerateFiles(path, "*.bin*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)!)];

    private static SortedDictionary<string, string> Files(string path) => new(
        Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(path, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))),
        StringComparer.Ordinal);

    private static string Fill(PretrainedModel model)
    {
        var ml = new MLContext();
        var rows = Tiny.Rows(ml, Text);
        using var fitted = ml.Transforms.Text.FillMask("Prediction", "Text", model).Fit(rows);
        return JsonSerializer.Serialize(ml.Data.CreateEnumerable<FillMaskPrediction>(fitted.Transform(rows), reuseRowObject: false));
    }
}
