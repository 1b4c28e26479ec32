namespace MlNetBert.Text.Blocks;

/// <summary>
/// Groups a stream of documents' ids in blocks. It pushes: documents go in, each block goes to a receiver as soon as it is complete; never
/// more than one block is held. What stands around a document or a block is the tokenizer's template for a single text: [CLS] and [SEP],
/// an end token alone, or nothing; where it has nothing behind a text, the tokenizer's end-of-text token stands behind each document. Not
/// thread-safe.
/// </summary>
internal sealed class BlockGrouper
{
    private readonly BlockOptions _options;
    private readonly BlockTemplate _template;
    private readonly BlockReceiver _receiver;
    private readonly int[] _block;
    private int _filled;
    private bool _completed;

    /// <summary>Makes a grouper.</summary>
    /// <param name="options">How to group.</param>
    /// <param name="tokenizer">The tokenizer that the documents' ids are of.</param>
    /// <param name="receiver">Takes each block.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public BlockGrouper(BlockOptions options, SubwordTokenizer tokenizer, BlockReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(receiver);
        options.Validate(tokenizer);
        _options = options;
        _template = BlockTemplate.Of(tokenizer);
        _receiver = receiver;
        _block = new int[options.BlockLength];
    }

    /// <summary>Makes a grouper with special tokens of one's own.</summary>
    internal BlockGrouper(BlockOptions options, BlockTemplate template, BlockReceiver receiver)
    {
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BlockLength, template.MinimumBlockLength);
        _options = options;
        _template = template;
        _receiver = receiver;
        _block = new int[options.BlockLength];
    }

    /// <summary>How many documents went in, the skipped ones not counted.</summary>
    public long Documents { get; private set; }

    /// <summary>How many documents were skipped because they had no token.</summary>
    public long SkippedDocuments { get; private set; }

    /// <summary>How many tokens the blocks hold or held back, special tokens included.</summary>
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
        var apart = _options.Packing == BlockPacking.OneDocumentPerBlock;
        if (_options.Packing == BlockPacking.ConcatenateDocuments || (apart && _options.TemplateAroundDocuments))
        {
            Push(_template.Start);
            PushBeforeEnd(document, apart);
            Push(_template.End);
            Push(_template.DocumentEnd);
            if (apart && _filled > 0)
                Emit();
            return;
        }

        PushWrapped(document);
        PushWrapped(_template.DocumentEnd);
        if (!apart)
            return;
        if (document.IsEmpty)
            Push(_template.Start);
        if (document.IsEmpty || _filled > 0)
            CloseBlock();
    }

    /// <summary>Ends the stream: drops the remainder or gives it as a last block.</summary>
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

    /// <summary>
    /// Adds a document's tokens. Where it is kept apart and they fill its blocks, the last one goes to the next block: an end alone in a
    /// block follows nothing, and is never predicted.
    /// </summary>
    private void PushBeforeEnd(scoped ReadOnlySpan<int> document, bool apart)
    {
        var hasEnd = _template.End.Length + _template.DocumentEnd.Length > 0;
        if (apart && hasEnd && document.Length > 0 && _block.Length > 1 && (_filled + document.Length) % _block.Length == 0)
        {
            Push(document[..^1]);
            Emit();
            document = document[^1..];
        }

        Push(document);
    }

    /// <summary>Adds tokens to blocks that each begin and end with the template.</summary>
    private void PushWrapped(scoped ReadOnlySpan<int> ids)
    {
        int room = _block.Length - _template.End.Length;
        while (!ids.IsEmpty)
        {
            if (_filled == 0)
                Push(_template.Start);
            int count = Math.Min(ids.Length, room - _filled);
            Push(ids[..count]);
            ids = ids[count..];
            if (_filled == room)
                Push(_template.End);
        }
    }

    /// <summary>Ends a wrapped block that is not full.</summary>
    private void CloseBlock()
    {
        Push(_template.End);
        if (_filled > 0)
            Emit();
    }

    private void Emit()
    {
        int length = _filled;
        _filled = 0;
        Blocks++;
        _receiver(_block.AsSpan(0, length), _options.Packing == BlockPacking.OneDocumentPerBlock ? Documents - 1 : null);
    }
}
