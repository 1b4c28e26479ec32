namespace MlNetBert.Text.Blocks;

/// <summary>What a token store was made from. Two stores with equal fingerprints hold the same blocks.</summary>
/// <param name="Data">What stands for the documents, such as <see cref="Corpora.Corpus.Fingerprint"/>.</param>
/// <param name="Tokenizer">The tokenizer's <see cref="SubwordTokenizer.Fingerprint"/>.</param>
/// <param name="Blocks">The block options, written out.</param>
internal sealed record TokenStoreFingerprint(string Data, string Tokenizer, string Blocks)
{
    /// <summary>Says in which parts another fingerprint differs.</summary>
    /// <param name="other">The other one.</param>
    /// <returns>«data», «tokenizer», «block options»: those that differ; none where they are equal.</returns>
    public IReadOnlyList<string> DifferencesFrom(TokenStoreFingerprint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var differences = new List<string>();
        if (!string.Equals(Data, other.Data, StringComparison.Ordinal))
            differences.Add("data");
        if (!string.Equals(Tokenizer, other.Tokenizer, StringComparison.Ordinal))
            differences.Add("tokenizer");
        if (!string.Equals(Blocks, other.Blocks, StringComparison.Ordinal))
            differences.Add("block options");
        return differences;
    }

    internal static TokenStoreFingerprint Of(string data, SubwordTokenizer tokenizer, BlockOptions options) => new(
        data,
        tokenizer.Fingerprint,
        FormattableString.Invariant(
            $"{options.BlockLength} {NameOf(options.Packing)} {RemainderOf(options)} {(options.SkipEmptyDocuments ? "skip" : "keep")}")
            + EndOf(tokenizer) + TemplateOf(options));

    // Only where it makes other blocks: earlier builds put the template around every block.
    private static string TemplateOf(BlockOptions options) =>
        options is { TemplateAroundDocuments: true, Packing: BlockPacking.OneDocumentPerBlock } ? " template around documents" : "";

    // Earlier builds put an end behind documents only where the tokenizer names it and adds nothing to a text.
    private static string EndOf(SubwordTokenizer tokenizer) =>
        BlockTemplate.Of(tokenizer).DocumentEnd is [var end]
            && (tokenizer.Template.AddedCount > 0 || tokenizer.SpecialTokens.EndOfTextTokenId is null)
            ? FormattableString.Invariant($" end {end}")
            : "";

    // As earlier builds recorded them.
    private static string NameOf(BlockPacking packing) => packing switch
    {
        BlockPacking.ConcatenateBlocks => "WrapBlocks",
        BlockPacking.OneDocumentPerBlock => "KeepApart",
        _ => "WrapDocuments",
    };

    private static RemainderHandling RemainderOf(BlockOptions options) =>
        options.Packing == BlockPacking.OneDocumentPerBlock ? RemainderHandling.Drop : options.Remainder ?? RemainderHandling.Drop;
}
