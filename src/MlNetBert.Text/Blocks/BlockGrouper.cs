using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Blocks;

/// <summary>
/// Groups a stream of documents' ids in blocks of one length. It pushes: documents go in, each block goes to a receiver as soon as it is
/// full; never more than one block is held. Not thread-safe.
/// </summary>
public sealed class BlockGrouper
{
    private readonly BlockOptions _options;
    private readonly SpecialTokens _special;
    private readonly BlockReceiver _receiver;
    private readonly int[] _block;
    private int _filled;
    private bool _completed;

    /// <summary>Makes a grouper.</summary>
    /// <param name="options">How to group.</param>
    /// <param name="specialTokens">The ids of [CLS], [SEP] and [PAD].</param>
    /// <param name="receiver">Takes each block, [block length] ids that are only valid during the call, and how many of them are not
    /// padding.</param>
    /// <exception cref="HuggingFace.InvalidOptionsException">An option cannot be.</exception>
    public BlockGrouper(BlockOptions options, SpecialTokens specialTokens, BlockReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(specialTokens);
        ArgumentNullException.ThrowIfNull(receiver);
        options.Validate();
        _options = options;
        _special = specialTokens;
        _receiver = receiver;
        _block = new int[options.BlockLength];
    }

    /// <summary>How many documents went in, the skipped ones not counted.</summary>
    public long Documents { get; private set; }

    /// <summary>How many documents were skipped because they had no token.</summary>
    public long SkippedDocuments { get; private set; }

    /// <summary>How many tokens the blocks hold or held back, special tokens included, padding not.</summary>
    public long Tokens { get; private set; }

    /// <summary>How many blocks went out.</summary>
    public long Blocks { get; private set; }

    /// <summary>How many tokens at the end were dropped; known after <see cref="Complete"/>.</summary>
    public int DroppedTokens { get; private set; }

    /// <summary>Adds a document.</summary>
    /// <param name="document">Its ids, without special tokens added.</param>
    /// <exception cref="InvalidOperationException"><see cref="Complete"/> was called before.</exception>
    public void Add(ReadOnlySpan<int> document)
    {
        if (_completed)
            throw new InvalidOperationException("The grouper is complete. Make a new one for more documents.");
        if (document.IsEmpty && _options.SkipEmptyDocuments)
        {
            SkippedDocuments++;
            return;
        }

        Documents++;
        switch (_options.Packing)
        {
            case BlockPacking.ConcatenateDocuments:
                Push(_special.Classification);
                Push(document);
                Push(_special.Separator);
                break;
            case BlockPacking.ConcatenateBlocks:
                PushWrapped(document);
                break;
            default:
                PushWrapped(document);
                if (document.IsEmpty)
                    Push(_special.Classification);
                CloseBlock();
                break;
        }
    }

    /// <summary>Ends the stream: drops the remainder or gives it as a last, padded block.</summary>
    public void Complete()
    {
        if (_completed)
            return;
        _completed = true;
        if (_filled == 0)
            return;
        if (_options.Remainder == RemainderHandling.Pad)
        {
            if (_options.Packing == BlockPacking.ConcatenateBlocks)
                CloseBlock();
            else
                Emit();
            return;
        }

        DroppedTokens = _filled;
        _filled = 0;
    }

    private void Push(int id)
    {
        Tokens++;
        _block[_filled++] = id;
        if (_filled == _block.Length)
            Emit();
    }

    private void Push(scoped ReadOnlySpan<int> ids)
    {
        Tokens += ids.Length;
        while (!ids.IsEmpty)
        {
            int count = Math.Min(ids.Length, _block.Length - _filled);
            ids[..count].CopyTo(_block.AsSpan(_filled));
            _filled += count;
            ids = ids[count..];
            if (_filled == _block.Length)
                Emit();
        }
    }

    /// <summary>Adds tokens to blocks that each begin with [CLS] and end with [SEP].</summary>
    private void PushWrapped(scoped ReadOnlySpan<int> ids)
    {
        while (!ids.IsEmpty)
        {
            if (_filled == 0)
                Push(_special.Classification);
            int count = Math.Min(ids.Length, _block.Length - 1 - _filled);
            Push(ids[..count]);
            ids = ids[count..];
            if (_filled == _block.Length - 1)
                Push(_special.Separator);
        }
    }

    /// <summary>Ends a wrapped block that is not full.</summary>
    private void CloseBlock()
    {
        if (_filled == 0)
            return;
        Push(_special.Separator);
        if (_filled > 0)
            Emit();
    }

    private void Emit()
    {
        int length = _filled;
        _block.AsSpan(length).Fill(_special.Padding);
        _filled = 0;
        Blocks++;
        _receiver(_block, length);
    }
}
