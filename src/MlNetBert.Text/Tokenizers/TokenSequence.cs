namespace MlNetBert.Text.Tokenizers;

/// <summary>The tokens of one text, of which a part may be kept.</summary>
internal readonly record struct TokenSequence(List<int> Ids, List<TokenOffset> Offsets, int Start, int Count)
{
    public TokenSequence Keep(int count, SequenceSide cutSide) => count >= Count
        ? this
        : this with { Start = cutSide == SequenceSide.Right ? Start : Start + Count - count, Count = count };
}
