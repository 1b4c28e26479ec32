using System.Globalization;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;

namespace MlNetBert.Training.Objectives.Mlm;

/// <summary>Which blocks have two sentences, and the documents that they are of: pairs are cut from these. Immutable.</summary>
internal sealed class SentencePairTable
{
    private readonly long[] _blocks; // by document, then by number
    private readonly long[] _documents;
    private readonly long _count;
    private readonly int _blockLength;
    private readonly long _numbered;
    private readonly int _allDocuments;

    /// <summary>Reads all blocks once.</summary>
    /// <param name="blocks">The blocks, of one document each.</param>
    /// <param name="cutter">Finds their sentences.</param>
    public SentencePairTable(IBlockSource blocks, BlockSentences cutter)
    {
        var found = new List<(long Document, long Block)>();
        var documents = new HashSet<long>();
        var block = new int[blocks.BlockLength];
        for (var number = 0L; number < blocks.Count; number++)
        {
            if (blocks.DocumentOf(number) is not { } document)
                continue;
            _numbered++;
            documents.Add(document);
            if (cutter.Cut(block.AsSpan(0, blocks.Read(number, block))).Starts.Count > 0)
                found.Add((document, number));
        }

        found.Sort();
        _blocks = [.. found.Select(pair => pair.Block)];
        _documents = [.. found.Select(pair => pair.Document)];
        (_count, _blockLength, _allDocuments) = (blocks.Count, blocks.BlockLength, documents.Count);
    }

    /// <summary>How many blocks have no two sentences, and so no pair.</summary>
    public long BlocksWithoutPair => _count - _blocks.Length;

    /// <summary>A block of another document, each with the same probability.</summary>
    /// <param name="document">The document that it must not be of.</param>
    /// <param name="draw">Uniform over all 32-bit numbers.</param>
    /// <returns>The block's number; null where no other document has two sentences.</returns>
    public long? OtherThan(long document, uint draw)
    {
        var (first, end) = (CountBelow(document), CountBelow(document + 1));
        var others = _blocks.Length - (end - first);
        if (others == 0)
            return null;
        var place = PhiloxStream.ToBounded(draw, others);
        return _blocks[place < first ? place : place + end - first];
    }

    /// <summary>Refuses blocks from which no pair can be cut whose label is true.</summary>
    /// <param name="kind">What is learned of pairs.</param>
    /// <param name="what">What the blocks are for, at the beginning of the message: "The data to train on".</param>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public void Require(SentencePairTask kind, string what)
    {
        if (_numbered == 0)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"{what} have {_count} blocks without a document's number, but sentence pairs are cut from documents. Group them by "
                    + $"BlockOptions.Packing = OneDocumentPerBlock."));
        }

        var documents = _documents.Distinct().Count();
        var least = kind == SentencePairTask.NextSentence ? 2 : 1;
        if (documents >= least)
            return;
        var need = kind == SentencePairTask.NextSentence
            ? "two documents that each have two sentences in one block (the second text of a pair is of another document half of the time)"
            : "a document with two sentences in one block";
        throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
            $"{what} give no sentence pairs that can be labeled truly: expected {need}, found {documents} such document(s) among "
                + $"{_allDocuments}, in {_count} block(s) of up to {_blockLength} tokens. Sentences end with . ! or ? (or their like in "
                + $"other scripts); by CorpusOptions.DocumentBoundary a document is a line or what stands between empty lines. Give longer "
                + $"documents, or train without MlmOptions.SentencePairs."));
    }

    /// <summary>What is worth a warning: how many blocks have no pair.</summary>
    public IEnumerable<string> Warnings()
    {
        if (BlocksWithoutPair > 0)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{BlocksWithoutPair} of {_count} blocks have a single sentence: only masked tokens are learned from them, no pair.");
    }

    private int CountBelow(long document)
    {
        var (low, high) = (0, _documents.Length);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (_documents[middle] < document)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
