namespace MlNetBert.Text.Tokenizers.Models.BytePair;

/// <summary>What was learned: pieces, the bytes first, and the merges that spell words which are no piece, in their order.</summary>
internal sealed record BytePairPieces(IReadOnlyList<string> Pieces, IReadOnlyList<(string Left, string Right)> Merges);
