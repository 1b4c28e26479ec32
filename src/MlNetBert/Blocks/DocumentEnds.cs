using System.Globalization;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Blocks;

/// <summary>
/// Looks at rows that are blocks already, for a model that writes texts. Where documents are kept apart, each block ends as a text does:
/// one that holds only a part of its document teaches a false end.
/// </summary>
internal sealed class DocumentEnds
{
    private readonly bool _wrapped;
    private readonly int _blockLength;
    private readonly string _column;
    private readonly HashSet<long> _documents = [];

    /// <summary>Begins with no row.</summary>
    /// <param name="options">How the rows were grouped.</param>
    /// <param name="tokenizer">The tokenizer of their tokens.</param>
    /// <param name="column">Their column, for messages.</param>
    /// <exception cref="InvalidOptionsException">Ends were put behind every block, wherever documents end.</exception>
    public DocumentEnds(BlockOptions options, SubwordTokenizer tokenizer, string column)
    {
        options.Validate(tokenizer);
        _wrapped = options.Packing == BlockPacking.OneDocumentPerBlock && BlockTemplate.Of(tokenizer).End.Length > 0;
        (_blockLength, _column) = (options.BlockLength, column);
    }

    /// <summary>Looks at a block.</summary>
    /// <param name="length">Its number of tokens.</param>
    /// <param name="document">The number of its document; below 0 where that is not known: a full block is then taken for a part.</param>
    /// <exception cref="InvalidDataException">It holds a part of a document.</exception>
    public void Check(int length, long document)
    {
        if (_wrapped && (document < 0 ? length == _blockLength : !_documents.Add(document)))
        {
            throw new InvalidDataException(
                $"Column '{_column}' has blocks that hold a part of a document but end as a text does "
                + (document < 0
                    ? string.Create(CultureInfo.InvariantCulture, $"(a block is full, {length} tokens, and no column tells its document)")
                    : string.Create(CultureInfo.InvariantCulture, $"(document {document} has several)"))
                + ": a model that writes texts would learn false ends. Let the estimator group tokens (Transforms.Text.GroupTokenBlocks "
                + "instead of Data.GroupTokenBlocks), or use BlockPacking.ConcatenateDocuments or longer blocks.");
        }
    }
}
