using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Blocks;

/// <summary>How tokens are grouped in blocks.</summary>
public sealed record BlockOptions
{
    /// <summary>The least block length: [CLS], a token, [SEP].</summary>
    public const int MinimumBlockLength = 3;

    /// <summary>How many tokens a block has, special tokens included.</summary>
    /// <value>128 by default.</value>
    public int BlockLength { get; init; } = 128;

    /// <summary>How documents are packed into blocks.</summary>
    /// <value><see cref="BlockPacking.ConcatenateDocuments"/> by default.</value>
    public BlockPacking Packing { get; init; } = BlockPacking.ConcatenateDocuments;

    /// <summary>
    /// What becomes of the last tokens of the stream where they fill no block. With <see cref="BlockPacking.OneDocumentPerBlock"/> the
    /// last block of every document is padded, so <see cref="RemainderHandling.Drop"/> is an error there.
    /// </summary>
    /// <value>Default null: <see cref="RemainderHandling.Drop"/>, or padded with <see cref="BlockPacking.OneDocumentPerBlock"/>.</value>
    public RemainderHandling? Remainder { get; init; }

    /// <summary>Whether documents without a token are skipped. Otherwise they give [CLS] [SEP] where documents are wrapped.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool SkipEmptyDocuments { get; init; } = true;

    /// <summary>Checks the options.</summary>
    /// <exception cref="InvalidOptionsException">An option cannot be; all faults are listed.</exception>
    public void Validate() => new OptionsValidator()
        .Require(BlockLength >= MinimumBlockLength, nameof(BlockLength), BlockLength, "must be at least 3 ([CLS], a token, [SEP])")
        .Require(BlockLength <= 1 << 20, nameof(BlockLength), BlockLength, "must be at most 1048576")
        .Require(Enum.IsDefined(Packing), nameof(Packing), Packing,
            "must be ConcatenateDocuments, ConcatenateBlocks or OneDocumentPerBlock")
        .Require(Remainder is null or RemainderHandling.Drop or RemainderHandling.Pad, nameof(Remainder), Remainder, "must be Drop or Pad")
        .Require(Packing != BlockPacking.OneDocumentPerBlock || Remainder != RemainderHandling.Drop, nameof(Remainder), Remainder,
            "must be left out or Pad with OneDocumentPerBlock, which pads every document's last block")
        .ThrowIfAny(nameof(BlockOptions));
}
