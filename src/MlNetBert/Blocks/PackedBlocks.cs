using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Tokenization;

namespace MlNetBert.Blocks;

/// <summary>Collects the blocks of a token column for training: grouped as its annotation says, or as they are where rows are blocks already.</summary>
internal static class PackedBlocks
{
    /// <summary>Reads all rows once.</summary>
    /// <param name="host">Asked between rows whether to go on.</param>
    /// <param name="data">The rows.</param>
    /// <param name="column">Their token column.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="options">How to group; the block length is that of the rows where they are of known size.</param>
    public static BlockArray Collect(IHost host, IDataView data, DataViewSchema.Column column, WordPieceTokenizer tokenizer, BlockOptions options)
    {
        var blocks = new BlockArray(options.BlockLength, tokenizer.Vocabulary.Count, tokenizer.SpecialTokens.Padding);
        var grouper = new BlockGrouper(options, tokenizer.SpecialTokens, (ids, _) => blocks.Add(ids));
        var whole = ((VectorDataViewType)column.Type).IsKnownSize;
        using var cursor = data.GetRowCursor([column]);
        var read = TokenColumn.Reader(cursor, column);
        var document = new List<int>();
        var padded = new int[options.BlockLength];
        while (cursor.MoveNext())
        {
            host.CheckAlive();
            read(document);
            if (whole)
            {
                Array.Fill(padded, tokenizer.SpecialTokens.Padding);
                document.CopyTo(padded);
                blocks.Add(padded);
            }
            else
            {
                grouper.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(document));
            }
        }

        grouper.Complete();
        return blocks;
    }
}
