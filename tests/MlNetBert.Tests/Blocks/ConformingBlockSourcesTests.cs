using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.Benchmarking;
using MlNetBert.Blocks;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Blocks;
using MlNetBert.Tokenization;

namespace MlNetBert.Tests.Blocks;

public sealed class RandomBlocksConformanceTests : BlockSourceConformanceTests
{
    protected override IBlockSource Create() => new RandomBlocks(RandomBlocks.Tokenizer(100), blockLength: 16, count: 20);

    protected override IBlockSource CreateOther() => new RandomBlocks(RandomBlocks.Tokenizer(100), blockLength: 16, count: 21);
}

public sealed class HeldOutBlocksConformanceTests : BlockSourceConformanceTests
{
    protected override IReadOnlyList<(int[] Tokens, long? Document)> Expected { get; } = [([4, 4, 0], 4), ([9], 9)];

    protected override IBlockSource Create() => Numbered.Split(Numbered.Blocks(10), evaluation: true);

    protected override IBlockSource CreateOther() => Numbered.Split(Numbered.Blocks(11), evaluation: true);
}

public sealed class TrainingBlocksConformanceTests : BlockSourceConformanceTests
{
    protected override IReadOnlyList<(int[] Tokens, long? Document)> Expected { get; } =
        [.. ((int[])[0, 1, 2, 3, 5, 6, 7, 8]).Select(i => (Numbered.Tokens(i), (long?)i))];

    protected override IBlockSource Create() => Numbered.Split(Numbered.Blocks(10), evaluation: false);

    protected override IBlockSource CreateOther() => Numbered.Split(Numbered.Blocks(11), evaluation: false);
}

/// <summary>Documents of a token column, grouped as its annotation says.</summary>
public sealed class PackedBlocksConformanceTests : BlockSourceConformanceTests
{
    protected override IReadOnlyList<(int[] Tokens, long? Document)> Expected => PackedRows.Expected;

    protected override IBlockSource Create() => PackedRows.Collect(asBlocks: false, PackedRows.Texts);

    protected override IBlockSource CreateOther() => PackedRows.Collect(asBlocks: false, [.. PackedRows.Texts.Reverse()]);
}

/// <summary>Rows that are blocks already, with the numbers of their documents beside them.</summary>
public sealed class PackedBlockRowsConformanceTests : BlockSourceConformanceTests
{
    protected override IReadOnlyList<(int[] Tokens, long? Document)> Expected => PackedRows.Expected;

    protected override IBlockSource Create() => PackedRows.Collect(asBlocks: true, PackedRows.Texts);

    protected override IBlockSource CreateOther() => PackedRows.Collect(asBlocks: true, [.. PackedRows.Texts.Reverse()]);
}

/// <summary>Blocks that tell their number by their tokens and their document.</summary>
internal static class Numbered
{
    public static int[] Tokens(int i) => i % 5 == 4 ? i == 4 ? [4, 4, 0] : [i] : [i, i, i];

    public static BlockArray Blocks(int count)
    {
        var blocks = new BlockArray(blockLength: 3, vocabularySize: 20);
        for (var i = 0; i < count; i++)
            blocks.Add(Tokens(i), i);
        return blocks;
    }

    public static IBlockSource Split(IBlockSource source, bool evaluation)
    {
        var (training, heldOut) = HeldOutBlocks.Split(source, 0.2);
        return evaluation ? heldOut : training;
    }
}

internal static class PackedRows
{
    private static readonly BlockOptions Options = new() { BlockLength = 8, Packing = BlockPacking.OneDocumentPerBlock };

    /// <summary>The second is empty, so that the third is document 1; the last says the padding token.</summary>
    public static string[] Texts { get; } = [.. SmallCorpus.Sentences.Take(1), "", .. SmallCorpus.Sentences.Skip(1).Take(3), "[PAD] [PAD]"];

    public static IReadOnlyList<(int[] Tokens, long? Document)> Expected
    {
        get
        {
            var blocks = new List<(int[] Tokens, long? Document)>();
            var grouper = new BlockGrouper(Options, Tiny.Tokenizer, (ids, document) => blocks.Add((ids.ToArray(), document)));
            foreach (var text in Texts)
                grouper.Add(Tiny.Tokenizer.EncodeToIds(text));
            return blocks;
        }
    }

    public static IBlockSource Collect(bool asBlocks, params string[] texts)
    {
        var ml = new MLContext(seed: 1);
        var rows = Tiny.Rows(ml, texts);
        var tokens = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", Tiny.Tokenizer).Fit(rows).Transform(rows);
        var data = asBlocks
            ? ml.Data.GroupTokenBlocks(tokens, "Tokens", Options)
            : ml.Transforms.Text.GroupTokenBlocks("Tokens", null, Options).Fit(tokens).Transform(tokens);
        var column = TokenColumn.Find(data.Schema, "Tokens", "column");
        return PackedBlocks.Collect(
            ((IHostEnvironment)ml).Register("test"), data, column, Tiny.Tokenizer, PackedBlocks.GroupingOf(column), TestContext.Current.CancellationToken);
    }
}
