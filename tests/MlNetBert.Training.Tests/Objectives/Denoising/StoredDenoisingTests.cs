using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Objectives.Denoising;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives.Denoising;

public sealed class StoredDenoisingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Prepare_PaddedRows_AttendsToTokensAndShiftsTheTarget()
    {
        using var model = TinyDenoising.Model("t5");
        var blocks = new StoredDenoising(File([7, 8, 0, 9, 10, 11], 3, [7, 3, -100, -100, 8, 9, 10, 3], 4), model.Config, decoderStart: 0);

        var batch = blocks.Prepare([1, 0], default);

        Assert.Equal(2, blocks.Count);
        Assert.Equal([9, 10, 11, 7, 8, 0], batch.InputIds);
        Assert.Equal([1, 1, 1, 1, 1, 0], batch.AttentionMask!);
        Assert.Equal([0, 8, 9, 10, 0, 7, 3, 0], batch.DecoderIds!);
        Assert.Equal([4, 2], batch.DecoderLengths!);
        Assert.Equal([0, 1, 2, 3, 4, 5], batch.Positions);
        Assert.Equal([8, 9, 10, 3, 7, 3], batch.Labels);
        Assert.Equal(5 + 6, batch.Tokens);
        Assert.Null(blocks.Prepare([1], default).AttentionMask);
    }

    [Fact]
    public void Prepare_LabelLeftOutInTheMiddle_IsPaddingForTheDecoderAndNoTarget()
    {
        using var model = TinyDenoising.Model("bart");
        var blocks = new StoredDenoising(File([7, 8], 2, [7, -100, 9], 3), model.Config, decoderStart: 3);

        var batch = blocks.Prepare([0], default);

        Assert.Equal([3, 7, 0], batch.DecoderIds!);
        Assert.Equal([0, 2], batch.Positions);
        Assert.Equal([7, 9], batch.Labels);
    }

    [Fact]
    public void Create_AttentionMaskOfTheFile_Counts()
    {
        using var model = TinyDenoising.Model("t5");
        var blocks = new StoredDenoising(File([7, 0, 8], 3, [7], 1, attention: [0, 1, 1]), model.Config, decoderStart: 0);

        Assert.Equal([0, 1, 1], blocks.Prepare([0], default).AttentionMask!);
    }

    [Theory]
    [InlineData(new[] { 7, 8 }, new[] { -100, -100 }, "every label is -100")]
    [InlineData(new[] { 7, 99 }, new[] { 7, 7 }, "found 99 in block 0")]
    [InlineData(new[] { 7, 8 }, new[] { 7, 49 }, "-100 or ids from 0 to 48 in 'labels', found 49")]
    [InlineData(new[] { 0, 0 }, new[] { 7, 7 }, "found padding alone in block 0")]
    public void Create_OfWhatIsNoBlock_IsRefused(int[] ids, int[] labels, string expected)
    {
        using var model = TinyDenoising.Model("t5");
        var path = File(ids, 2, labels, 2);

        var exception = Assert.Throws<ModelFormatException>(() => new StoredDenoising(path, model.Config, decoderStart: 0));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_TooLongForTheModelOrOfOtherBlocks_IsRefused()
    {
        using var model = TinyDenoising.Model("bart");
        var tooLong = File([.. Enumerable.Repeat(7, 4)], 4, [.. Enumerable.Repeat(7, 17)], 17);
        var fewer = File([7, 8], 1, [7, 8], 2);

        Assert.Contains("17 tokens", Refusal(tooLong), StringComparison.Ordinal);
        Assert.Contains("of the 2 blocks of 'input_ids', found 1", Refusal(fewer), StringComparison.Ordinal);

        string Refusal(string path) => Assert.Throws<ModelFormatException>(() => new StoredDenoising(path, model.Config, decoderStart: 3)).Message;
    }

    public void Dispose() => _directory.Dispose();

    private string File(int[] ids, int columns, int[] labels, int targetColumns, int[]? attention = null)
    {
        var path = _directory.File($"blocks-{Guid.NewGuid():N}.safetensors");
        long[] shape = [ids.Length / columns, columns];
        var tensors = new List<TensorData>
        {
            TensorData.From<int>("input_ids", SafetensorsDtype.I32, shape, ids),
            TensorData.From<int>("labels", SafetensorsDtype.I32, [labels.Length / targetColumns, targetColumns], labels),
        };
        if (attention is not null)
            tensors.Add(TensorData.From<int>("attention_mask", SafetensorsDtype.I32, shape, attention));
        SafetensorsWriter.Write(path, tensors);
        return path;
    }
}
