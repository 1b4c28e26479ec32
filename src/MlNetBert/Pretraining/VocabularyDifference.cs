using System.Globalization;

namespace MlNetBert.Pretraining;

/// <summary>Says how the vocabulary at hand differs from the one that a model was made with.</summary>
internal static class VocabularyDifference
{
    /// <summary>The difference in words; null where text becomes the same ids.</summary>
    /// <param name="made">The model's.</param>
    /// <param name="given">The one at hand.</param>
    public static string? Between(SubwordTokenizer made, SubwordTokenizer given)
    {
        var (then, now) = (made.Vocabulary, given.Vocabulary);
        var places = Enumerable.Range(0, Math.Max(then.Count, now.Count)).Where(i => PieceAt(then, i) != PieceAt(now, i)).ToList();
        if (places.Count > 0)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{places.Count} of {Math.Max(then.Count, now.Count)} pieces differ, the first with id {places[0]}: it was "
                    + $"{Show(then, places[0])} and is {Show(now, places[0])}");
        }

        return made.Fingerprint == given.Fingerprint
            ? null
            : $"its pieces are the same, but it reads text in another way: then {Treatment(made)}, now {Treatment(given)}";
    }

    private static string Treatment(SubwordTokenizer tokenizer) =>
        $"{(tokenizer.LowersCase ? "in lower case" : "cased")} with accents "
            + $"{(tokenizer.StripsAccents ? "stripped" : "kept")} and {AddedTokens(tokenizer)} added tokens";

    private static string AddedTokens(SubwordTokenizer tokenizer) =>
        tokenizer.AddedTokensById.Count.ToString(CultureInfo.InvariantCulture);

    private static string? PieceAt(IReadOnlyList<string> pieces, int id) => id < pieces.Count ? pieces[id] : null;

    private static string Show(IReadOnlyList<string> pieces, int id) => PieceAt(pieces, id) is { } piece ? $"'{piece}'" : "not there";
}
