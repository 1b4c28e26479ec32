namespace MlNetBert.FillMask;

/// <summary>A text of tokens with the candidates for each of its masks.</summary>
/// <param name="TokenIds">The tokens that the model read, added special tokens left out.</param>
/// <param name="MaskPositions">Where the masks stand in <paramref name="TokenIds"/>.</param>
/// <param name="Candidates">For each mask its candidates, best first.</param>
/// <param name="IsTruncated">Whether the text had more tokens than the model has positions and was cut around its first mask.</param>
[Experimental("MLNETBERT001")]
public sealed record MaskedText(
    IReadOnlyList<int> TokenIds, IReadOnlyList<int> MaskPositions, IReadOnlyList<IReadOnlyList<MaskCandidate>> Candidates, bool IsTruncated)
{
    /// <summary>The tokens with one candidate in its place and the other masks left.</summary>
    /// <param name="mask">Number of the mask, from 0.</param>
    /// <param name="candidate">Number of the candidate, from 0.</param>
    /// <returns>Token ids.</returns>
    public int[] With(int mask, int candidate)
    {
        var ids = TokenIds.ToArray();
        ids[MaskPositions[mask]] = Candidates[mask][candidate].TokenId;
        return ids;
    }

    /// <summary>The tokens with the best candidate in every mask.</summary>
    /// <returns>Token ids.</returns>
    public int[] WithBest()
    {
        var ids = TokenIds.ToArray();
        for (var mask = 0; mask < MaskPositions.Count; mask++)
            ids[MaskPositions[mask]] = Candidates[mask][0].TokenId;
        return ids;
    }
}
