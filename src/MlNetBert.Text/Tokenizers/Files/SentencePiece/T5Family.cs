using System.Globalization;

namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>T5's: the file's ids, and behind them its sentinels, the first one last; a text is closed by the end of text.</summary>
internal sealed class T5Family(SentencePieceFile file, FamilySettings said) : SentencePieceFamily(
    file, said, ["<unk>", null, null, "<pad>", null, null, "</s>"])
{
    /// <summary>How many sentinels there are where nothing says so.</summary>
    private const int UsualSentinels = 100;

    protected override IEnumerable<KeyValuePair<string, double>> Pieces =>
        [.. File.Pieces, .. OtherTokens.Select(token => KeyValuePair.Create(token, 0.0))];

    protected override IEnumerable<string> OtherTokens => Enumerable.Range(0, Said.Count("extra_ids", UsualSentinels))
        .Reverse()
        .Select(number => string.Create(CultureInfo.InvariantCulture, $"<extra_id_{number}>"));

    protected override SpecialTokenTemplate CreateTemplate(Func<string, int> idOf)
    {
        TemplateToken[] end = [new(idOf(Token(SpecialTokenRole.EndOfText)), 0)];
        return new SpecialTokenTemplate { After = end, PairBetween = end, PairAfter = end };
    }
}
