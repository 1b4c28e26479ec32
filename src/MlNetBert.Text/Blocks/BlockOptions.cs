using System.Text.Json;
using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Blocks;

namespace MlNetBert;

/// <summary>How tokens are grouped in blocks.</summary>
public sealed record BlockOptions
{
    /// <summary>How many tokens a block has, special tokens included.</summary>
    /// <value>128 by default. At least one more than the special tokens that the tokenizer adds to a text: 3 with [CLS] and
    /// [SEP].</value>
    public int BlockLength { get; init; } = 128;

    /// <summary>How documents are packed into blocks.</summary>
    /// <value><see cref="BlockPacking.ConcatenateDocuments"/> by default.</value>
    public BlockPacking Packing { get; init; } = BlockPacking.ConcatenateDocuments;

    /// <summary>
    /// What becomes of the last tokens of the stream where they fill no block. With <see cref="BlockPacking.OneDocumentPerBlock"/> the
    /// last block of every document is kept, however short, so <see cref="RemainderHandling.Drop"/> is an error there.
    /// </summary>
    /// <value>Default null: <see cref="RemainderHandling.Drop"/>, or kept with <see cref="BlockPacking.OneDocumentPerBlock"/>.</value>
    public RemainderHandling? Remainder { get; init; }

    /// <summary>Whether documents without a token are skipped. Otherwise they give the special tokens alone: [CLS] [SEP].</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool SkipEmptyDocuments { get; init; } = true;

    /// <summary>
    /// Whether the template stands around documents only: a block that holds the middle of one has no token in it that begins or ends a
    /// text. For models that write texts, which learn from it where a text ends.
    /// </summary>
    internal bool TemplateAroundDocuments { get; init; }

    /// <summary>The least block length with a tokenizer: one more than the special tokens that it adds to a text.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <returns>The length; 3 with [CLS] and [SEP].</returns>
    public static int MinimumBlockLength(SubwordTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return BlockTemplate.Of(tokenizer).MinimumBlockLength;
    }

    /// <summary>Checks what can be checked without a tokenizer.</summary>
    /// <exception cref="InvalidOptionsException">An option cannot be; all faults are listed.</exception>
    public void Validate() => Faults(1, "a token").ThrowIfAny(nameof(BlockOptions));

    /// <summary>Checks the options for blocks of a tokenizer's tokens.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <exception cref="InvalidOptionsException">An option cannot be; all faults are listed.</exception>
    public void Validate(SubwordTokenizer tokenizer)
    {
        var end = BlockTemplate.Of(tokenizer).End;
        Faults(MinimumBlockLength(tokenizer), BlockTemplate.Describe(tokenizer))
            .Require(!TemplateAroundDocuments || Packing != BlockPacking.ConcatenateBlocks || end.Length == 0, nameof(Packing), Packing,
                $"must be {nameof(BlockPacking.ConcatenateDocuments)} or {nameof(BlockPacking.OneDocumentPerBlock)} for a model that "
                    + $"writes texts: every block would end with {string.Join(' ', end.Select(id => $"'{tokenizer.Vocabulary[id]}'"))}, "
                    + "and the model would learn that texts end there, not where documents do")
            .ThrowIfAny(nameof(BlockOptions));
    }

    /// <summary>
    /// Reads what a file holds. Earlier builds call <see cref="Packing"/> Join, and wrote a <see cref="Remainder"/> that they ignored.
    /// </summary>
    /// <exception cref="JsonException">It is no such text.</exception>
    internal static BlockOptions FromJson(string json)
    {
        var members = JsonNode.Parse(json) as JsonObject ?? throw new JsonException("Expected a JSON object.");
        if (members.Remove("Join", out var join))
            members[nameof(Packing)] = join;
        var options = members.Deserialize<BlockOptions>()!;
        return options.Packing == BlockPacking.OneDocumentPerBlock ? options with { Remainder = null } : options;
    }

    private OptionsValidator Faults(int least, string leastBlock) => new OptionsValidator()
        .Require(BlockLength >= least, nameof(BlockLength), BlockLength,
            FormattableString.Invariant($"must be at least {least} ({leastBlock})"))
        .Require(BlockLength <= 1 << 20, nameof(BlockLength), BlockLength, "must be at most 1048576")
        .Require(Enum.IsDefined(Packing), nameof(Packing), Packing,
            "must be ConcatenateDocuments, ConcatenateBlocks or OneDocumentPerBlock")
        .Require(Remainder is null or RemainderHandling.Drop or RemainderHandling.Pad, nameof(Remainder), Remainder, "must be Drop or Pad")
        .Require(Packing != BlockPacking.OneDocumentPerBlock || Remainder != RemainderHandling.Drop, nameof(Remainder), Remainder,
            "must be left out or Pad with OneDocumentPerBlock, which keeps every document's last block");
}
