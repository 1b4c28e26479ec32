namespace MlNetBert.Training.Objectives.Masking;

/// <summary>
/// How many words a masked span has: SpanBERT's geometric distribution, cut off and made to sum to 1 (Joshi et al. 2020).
/// </summary>
internal static class SpanLengths
{
    /// <summary>The longest span, in words.</summary>
    public const int Longest = 10;

    private const double SuccessProbability = 0.2;

    // By multiplication alone, so that they are the same on every machine.
    private static readonly double[] CumulativeProbabilities = Accumulate();

    /// <summary>The probability of each length, from 1 on.</summary>
    public static IReadOnlyList<double> Probabilities { get; } =
        [.. CumulativeProbabilities.Select((upTo, i) => i == 0 ? upTo : upTo - CumulativeProbabilities[i - 1])];

    /// <summary>A length, by a random word.</summary>
    /// <param name="word">Uniform over all 32-bit numbers.</param>
    /// <returns>From 1 to <see cref="Longest"/>.</returns>
    public static int Of(uint word)
    {
        var draw = word * (1.0 / (1UL << 32));
        var length = 1;
        while (length < Longest && draw >= CumulativeProbabilities[length - 1])
            length++;
        return length;
    }

    private static double[] Accumulate()
    {
        var upTo = new double[Longest];
        var (sum, probability) = (0.0, SuccessProbability);
        for (var i = 0; i < Longest; i++)
        {
            sum += probability;
            upTo[i] = sum;
            probability *= 1 - SuccessProbability;
        }

        return Array.ConvertAll(upTo, value => value / sum);
    }
}
