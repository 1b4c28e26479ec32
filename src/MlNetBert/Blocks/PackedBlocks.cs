using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Text.Blocks;
using MlNetBert.Tokenization;

namespace MlNetBert.Blocks;

/// <summary>
/// Collects the blocks of a token column for training: grouped as its annotation says, or as they are where rows are blocks already.
/// </summary>
internal static class PackedBlocks
{
    /// <summary>Reads all rows once.</summary>
    /// <param name="host">Asked between rows whether to go on.</param>
    /// <param name="data">The rows.</param>
    /// <param name="column">Their token column.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="options">How to group, as <see cref="GroupingOf"/> says.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <param name="enough">How many blocks are enough; there may be more.</param>
    /// <exception cref="InvalidDataException">The rows are blocks whose ends are not those of documents, which the options ask
    /// for.</exception>
    public static BlockArray Collect(
        IHost host, IDataView data, DataViewSchema.Column column, SubwordTokenizer tokenizer, BlockOptions options,
        CancellationToken cancellationToken, long enough =
            long.MaxValue)
    {
        var blocks = new BlockArray(options.BlockLength, tokenizer.Vocabulary.Count, tokenizer.SpecialTokens.PaddingTokenId ?? 0);
        var areBlocks = AreBlocks(column);
        var numbers = areBlocks ? TokenColumn.DocumentsOf(data.Schema, column) : null;
        using var cursor = data.GetRowCursor(numbers is { } other ? [column, other] : [column]);
        var read = TokenColumn.Reader(cursor, column);
        var number = numbers is { } documents ? cursor.GetGetter<long>(documents) : null;
        var grouper = areBlocks ? null : new BlockGrouper(options, tokenizer, blocks.Add);
        var ends = areBlocks && options.TemplateAroundDocuments ? new DocumentEnds(options, tokenizer, column.Name) : null;
        var tokens = new List<int>();
        while (blocks.Count < enough && MoveNext(cursor))
        {
            host.CheckAlive();
            cancellationToken.ThrowIfCancellationRequested();
            read(tokens);
            if (grouper is not null)
            {
                grouper.Add(CollectionsMarshal.AsSpan(tokens));
                continue;
            }

            long document = -1;
            number?.Invoke(ref document);
            ends?.Check(tokens.Count, document);
            blocks.Add(CollectionsMarshal.AsSpan(tokens), document < 0 ? null : document);
        }

        grouper?.Complete();
        return blocks;
    }

    /// <summary>How the rows of a column are grouped; the block length is that of the rows where they are blocks already.</summary>
    public static BlockOptions GroupingOf(DataViewSchema.Column column)
    {
        var options = TokenColumn.BlocksOf(column) ?? new BlockOptions();
        return AreBlocks(column) ? options with { BlockLength = ((VectorDataViewType)column.Type).Size } : options;
    }

    /// <summary>Whether the rows of a token column are blocks already.</summary>
    public static bool AreBlocks(DataViewSchema.Column column) => ((VectorDataViewType)column.Type).IsKnownSize;

    /// <summary>The blocks to train on, and those held out where <paramref name="evaluationShare"/> is not 0.</summary>
    /// <exception cref="InvalidDataException">There are too few blocks.</exception>
    public static (IBlockSource Training, IBlockSource? Evaluation) Split(IBlockSource all, double evaluationShare, string source)
    {
        if (all.Count == 0)
        {
            throw new InvalidDataException(
                $"{source} gives no block to train on: expected at least {all.BlockLength} tokens, found fewer. Give more text, a "
                    + "smaller BlockOptions.BlockLength, or keep the remainder (BlockOptions.Remainder).");
        }

        if (evaluationShare == 0)
            return (all, null);
        if (all.Count < 2)
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"EvaluationFraction {evaluationShare} needs at least 2 blocks, one to hold out, but {source} gives {all.Count}. Give more "
                    + $"text or a smaller BlockOptions.BlockLength."));
        return HeldOutBlocks.Split(all, evaluationShare);
    }

    /// <summary>ML.NET's parallel cursors wrap what a row's text was refused for.</summary>
    private static bool MoveNext(DataViewRowCursor cursor)
    {
        try
        {
            return cursor.MoveNext();
        }
        catch (InvalidOperationException e) when (e.InnerException is InvalidTextException inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }
}
