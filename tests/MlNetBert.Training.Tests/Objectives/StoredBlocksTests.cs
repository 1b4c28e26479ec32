using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Clm;
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
