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
    private readonly bool _hasDifferentTexts;

    /// <summary>Reads all blocks once.</summary>
    /// <param name="blocks">The blocks, of one document each.</param>
    /// <param name="sentences">Finds their sentences.</param>
    public SentencePairTable(IBlockSource blocks, BlockSentences sentences)
    {
        var found = new List<(long Document, long Block)>();
        var documents = new HashSet<long>();
        int[]? text = null;
        for (var number = 0L; number < blocks.Count; number++)
        {
            if (blocks.DocumentOf(number) is not { } document)
                continue;
            _numbered++;
            documents.Add(document);
            var run = sentences.Read(number);
            if (run.CutCount == 0)
                continue;
            found.Add((document, number));
            text ??= run.Whole.ToArray();
            _hasDifferentTexts |= !run.Whole.SequenceEqual(text);
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
        var isNext = kind == SentencePairTask.NextSentence;
        if (isNext ? documents >= 2 && _hasDifferentTexts : documents >= 1)
            return;
        var need = isNext
            ? "two documents of different texts that each have two whole sentences in one block (the second text of a pair is of another "
                + "document half of the time)"
            : "a document with two whole sentences in one block";
        var same = isNext && documents >= 2 ? ", all of the same text," : "";
        throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
            $"{what} give no sentence pairs that can be labeled truly: expected {need}, found {documents} such document(s){same} among "
                + $"{_allDocuments}, in {_count} block(s) of up to {_blockLength} tokens. Sentences end with . ! or ? (or their like in "
                + $"other scripts); by CorpusOptions.DocumentBoundary a document is a line or what stands between empty lines. Give longer "
                + $"documents or larger blocks, or leave the pairs out: MlmOptions.SentencePairs = None, --objective mlm."));
    }

    /// <summary>What is worth a warning: how many blocks have no pair.</summary>
    public IEnumerable<string> Warnings()
    {
        if (BlocksWithoutPair > 0)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{BlocksWithoutPair} of {_count} blocks have no two whole sentences: only masked tokens are learned from them, no pair.");
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
