using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models;
using MlNetBert.Models.Heads;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Clm;
using MlNetBert.Training.Objectives.Mlm;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives;

public sealed class StoredBlocksTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Prepare_CausalLabels_ArePredictedOnePlaceBeforeAndNotAtTheBeginning()
    {
        using var model = TinyClm.Model();
        var blocks = new StoredBlocks(File([7, 8, 9, 10, 11, 12], [7, 8, 9, -100, 11, -100], columns: 3), model.Config, ClmObjective.Shift);

        var batch = blocks.Prepare([1, 0], default);

        Assert.Equal([10, 11, 12, 7, 8, 9], batch.InputIds);
        Assert.Equal([0, 3, 4], batch.Positions);
        Assert.Equal([11, 8, 9], batch.Labels);
        Assert.Equal([3], batch.TargetCounts);
    }

    [Theory]
    [InlineData("bert-pretraining", "next_sentence_label")]
    [InlineData("albert-pretraining", "sentence_order_label")]
    public void Prepare_PairsOfAReference_GiveItsLoss(string name, string pairs)
    {
        using var golden = new Golden<PreTrainingModel>(name, ModelHead.PreTraining);
        var model = golden.Model;
        var path = _directory.File("pairs.safetensors");
        SafetensorsWriter.Write(path, new[] { "input_ids", "attention_mask", "token_type_ids", "labels", pairs }.Select(key =>
            TensorData.From<long>(key, SafetensorsDtype.I64, golden.Tensor("input." + key).shape, golden.Tensor("input." + key).data<long>().ToArray())));

        var stored = new StoredBlocks(path, model.Config, pairLabels: pairs);
        var result = new HeldOutEvaluation(new SentencePairObjective(model, stored), 2).Run(TestContext.Current.CancellationToken);

        Assert.Equal(golden.Loss, result.Loss, 1e-4);
        Assert.NotNull(stored.Prepare([0], default).TokenTypeIds);
        var wrong = pairs == "next_sentence_label" ? "sentence_order_label" : "next_sentence_label";
        Assert.Contains(wrong, Assert.Throws<SafetensorsFormatException>(() => new StoredBlocks(path, model.Config, pairLabels: wrong)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_LabelsOfPairsThatCannotBe_AreRefused()
    {
        using var model = TinyClm.Model();
        var path = _directory.File("pairs.safetensors");
        SafetensorsWriter.Write(path, [
            TensorData.From<int>("input_ids", SafetensorsDtype.I32, [2, 2], new[] { 7, 8, 9, 10 }), TensorData.From<int>("labels", SafetensorsDtype.I32, [2, 2], new[] { 7, 8, 9, 10 }),
            TensorData.From<int>("pairs", SafetensorsDtype.I32, [2], new[] { 0, 2 }), TensorData.From<int>("few", SafetensorsDtype.I32, [1], new[] { 0 })]);

        Assert.Contains("found 2 in block 1", Assert.Throws<ModelFormatException>(() => new StoredBlocks(path, model.Config, pairLabels: "pairs")).Message, StringComparison.Ordinal);
        Assert.Contains("[1]", Assert.Throws<ModelFormatException>(() => new StoredBlocks(path, model.Config, pairLabels: "few")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_MaskedLabels_ArePredictedInTheirPlaces()
    {
        using var model = TinyClm.Model();

        var batch = new StoredBlocks(File([7, 8, 9], [7, -100, 9], columns: 3), model.Config).Prepare([0], default);

        Assert.Equal([0, 2], batch.Positions);
        Assert.Equal([7, 9], batch.Labels);
    }

    [Theory]
    [InlineData(0, new[] { -100, -100, -100 }, "every label is -100.")]
    [InlineData(1, new[] { 7, -100, -100 }, "beginning of its block")]
    public void Create_WithoutATarget_IsRefused(int shift, int[] labels, string expected)
    {
        using var model = TinyClm.Model();
        var path = File([7, 8, 9], labels, columns: 3);

        var exception = Assert.Throws<ModelFormatException>(() => new StoredBlocks(path, model.Config, shift));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private string File(int[] ids, int[] labels, int columns)
    {
        var path = _directory.File("blocks.safetensors");
        long[] shape = [ids.Length / columns, columns];
        SafetensorsWriter.Write(path, [TensorData.From<int>("input_ids", SafetensorsDtype.I32, shape, ids), TensorData.From<int>("labels", SafetensorsDtype.I32, shape, labels)]);
        return path;
    }
}
