namespace MlNetBert.Text.Blocks;

/// <summary>
/// The special tokens that grouping adds: around a document or a block, and, where a tokenizer adds none behind a text, the token that ends
/// one behind each document.
/// </summary>
/// <param name="Start">Ids before the tokens of a document or block; may be empty.</param>
/// <param name="End">Ids behind them; may be empty.</param>
/// <param name="DocumentEnd">The tokenizer's end-of-text token, behind each document, where <paramref name="End"/> is empty; else
/// none.</param>
internal sealed record BlockTemplate(int[] Start, int[] End, int[] DocumentEnd)
{
    /// <summary>The least block length: the template and a token.</summary>
    public int MinimumBlockLength => Start.Length + 1 + End.Length;

    /// <summary>
    /// What end-of-text tokens are called: a tokenizer.json alone does not tell what its special tokens are for.
    /// </summary>
    private static readonly string[] EndNames = ["<|endoftext|>", "<|end_of_text|>", "</s>"];

    /// <summary>The token that a text begins with: where the template has none, the tokenizer's beginning-of-text token.</summary>
    public static int? BeginningOf(SubwordTokenizer tokenizer) =>
        tokenizer.Template.Before is [var first, ..] ? first.Id : tokenizer.SpecialTokens.BeginningOfTextTokenId;

    /// <summary>
    /// The token that a document ends with: the first of the template's behind a text, else the tokenizer's end-of-text token, else a
    /// special token that is called as such tokens are.
    /// </summary>
    /// <returns>Its id; null where there is none.</returns>
    public static int? EndOf(SubwordTokenizer tokenizer) =>
        tokenizer.Template.After is [var first, ..] ? first.Id : tokenizer.SpecialTokens.EndOfTextTokenId
            ?? tokenizer.AddedTokensById
                .Where(added => added.Token.Special && EndNames.Contains(added.Token.Content, StringComparer.Ordinal))
                .Select(added => (int?)added.Id).FirstOrDefault();

    public static BlockTemplate Of(SubwordTokenizer tokenizer) =>
        new(
            [.. tokenizer.Template.Before.Select(token => token.Id)],
            [.. tokenizer.Template.After.Select(token => token.Id)],
            tokenizer.Template.After.Count == 0 && EndOf(tokenizer) is { } end ? [end] : []);

    /// <summary>How many of these tokens a block begins and ends with: as grouping put them, or none.</summary>
    /// <param name="block">The block's ids.</param>
    public (int Start, int End) EdgesOf(ReadOnlySpan<int> block)
    {
        var first = block.StartsWith(Start) ? Start.Length : 0;
        var last = block.Length > first && block.EndsWith(End) ? End.Length : 0;
        if (last == 0 && DocumentEnd.Length > 0 && block[first..].EndsWith(DocumentEnd))
            last = DocumentEnd.Length;
        return (first, last);
    }

    /// <summary>The least block, written out: «[CLS], a token, [SEP]».</summary>
    public static string Describe(SubwordTokenizer tokenizer)
    {
        var template = Of(tokenizer);
        return string.Join(", ", [
            .. template.Start.Select(id => tokenizer.Vocabulary[id]), "a token", .. template.End.Select(id => tokenizer.Vocabulary[id])]);
    }
}
