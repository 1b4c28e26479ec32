namespace MlNetBert.TextScores;

/// <summary>How many n-grams of one order two texts have in common.</summary>
/// <param name="Predicted">N-grams of the predicted text.</param>
/// <param name="Expected">N-grams of the expected text.</param>
/// <param name="Common">N-grams of both, each as often as both have it.</param>
internal readonly record struct NgramMatches(long Predicted, long Expected, long Common)
{
    /// <param name="predicted">Counts of the predicted text.</param>
    /// <param name="expected">Counts of the expected text.</param>
    public static NgramMatches Of(Dictionary<int, int> predicted, Dictionary<int, int> expected) => new(
        predicted.Values.Sum(),
        expected.Values.Sum(),
        predicted.Sum(ngram => Math.Min(ngram.Value, expected.GetValueOrDefault(ngram.Key))));

    public static NgramMatches operator +(NgramMatches left, NgramMatches right) =>
        new(left.Predicted + right.Predicted, left.Expected + right.Expected, left.Common + right.Common);
}
