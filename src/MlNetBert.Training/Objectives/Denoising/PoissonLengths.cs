namespace MlNetBert.Training.Objectives.Denoising;

/// <summary>Lengths of spans by a Poisson distribution, 0 among them.</summary>
internal sealed class PoissonLengths
{
    private readonly double[] _cumulative;

    /// <summary>Makes the distribution.</summary>
    /// <param name="mean">Its mean, above 0 and at most 100.</param>
    public PoissonLengths(double mean)
    {
        // By the four operations alone, so that it is the same on every machine: e^mean is the sum of the terms mean^k / k!.
        var terms = new List<double> { 1 };
        var sum = 1.0;
        while (terms[^1] > sum * 1e-18 || terms.Count <= mean)
        {
            terms.Add(terms[^1] * mean / terms.Count);
            sum += terms[^1];
        }

        _cumulative = new double[terms.Count];
        var upTo = 0.0;
        for (var length = 0; length < _cumulative.Length; length++)
            _cumulative[length] = upTo += terms[length] / sum;
    }

    /// <summary>The probability of a length.</summary>
    public double ProbabilityOf(int length) => _cumulative[length] - (length == 0 ? 0 : _cumulative[length - 1]);

    /// <summary>A length, by a random word.</summary>
    /// <param name="word">Uniform over all 32-bit numbers.</param>
    public int Of(uint word)
    {
        var draw = word * (1.0 / (1UL << 32));
        var length = 0;
        while (length < _cumulative.Length - 1 && draw >= _cumulative[length])
            length++;
        return length;
    }
}
