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

    /// <summary>How documents are joined.</summary>
    /// <value><see cref="DocumentJoin.WrapDocuments"/> by default.</value>
    public DocumentJoin Join { get; init; } = DocumentJoin.WrapDocuments;

    /// <summary>
    /// What becomes of the last tokens of the stream where they fill no block. With <see cref="DocumentJoin.KeepApart"/> every document's
    /// last block is padded, whatever this says.
    /// </summary>
    /// <value><see cref="RemainderHandling.Drop"/> by default.</value>
    public RemainderHandling Remainder { get; init; } = RemainderHandling.Drop;

    /// <summary>Whether documents without a token are skipped. Otherwise they give [CLS] [SEP] where documents are wrapped.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool SkipEmptyDocuments { get; init; } = true;

    /// <summary>Checks the options.</summary>
    /// <exception cref="InvalidOptionsException">An option cannot be; all faults are listed.</exception>
    public void Validate() => new OptionsValidator()
        .Require(BlockLength >= MinimumBlockLength, nameof(BlockLength), BlockLength, "must be at least 3 ([CLS], a token, [SEP])")
        .Require(BlockLength <= 1 << 20, nameof(BlockLength), BlockLength, "must be at most 1048576")
        .Require(Enum.IsDefined(Join), nameof(Join), Join, "must be WrapDocuments, WrapBlocks or KeepApart")
        .Require(Enum.IsDefined(Remainder), nameof(Remainder), Remainder, "must be Drop or Pad")
        .ThrowIfAny(nameof(BlockOptions));
}
