namespace MlNetBert.Text.Blocks;

/// <summary>
/// The special tokens that grouping adds: around a document or a block, or, where a tokenizer adds none, behind each document.
/// </summary>
/// <param name="Start">Ids before the tokens of a document or block; may be empty.</param>
/// <param name="End">Ids behind them; may be empty.</param>
/// <param name="DocumentEnd">The tokenizer's end-of-text token, behind each document, where <paramref name="Start"/> and
/// <paramref name="End"/> are empty; else none.</param>
internal sealed record BlockTemplate(int[] Start, int[] End, int[] DocumentEnd)
{
    /// <summary>The least block length: the template and a token.</summary>
    public int MinimumBlockLength => Start.Length + 1 + End.Length;

    public static BlockTemplate Of(SubwordTokenizer tokenizer) =>
        new(
            [.. tokenizer.Template.Before.Select(token => token.Id)],
            [.. tokenizer.Template.After.Select(token => token.Id)],
            tokenizer is { Template.AddedCount: 0, SpecialTokens.EndOfTextTokenId: { } end } ? [end] : []);

    /// <summary>The least block, written out: «[CLS], a token, [SEP]».</summary>
    public static string Describe(SubwordTokenizer tokenizer)
    {
        var template = Of(tokenizer);
        return string.Join(", ", [
            .. template.Start.Select(id => tokenizer.Vocabulary[id]), "a token", .. template.End.Select(id => tokenizer.Vocabulary[id])]);
    }
}
