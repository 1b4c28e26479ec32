namespace MlNetBert.Models.Generation;

/// <summary>Scores of tokens, where negative infinity is a token that cannot follow.</summary>
internal static class Candidates
{
    /// <summary>Forbids the tokens with lower scores than one.</summary>
    public static void Forbid(Span<double> scores, double below)
    {
        for (var id = 0; id < scores.Length; id++)
        {
            if (scores[id] < below)
                scores[id] = double.NegativeInfinity;
        }
    }

    /// <summary>The logarithm of the sum of exponentials; negative infinity where no token can follow.</summary>
    public static double LogSumExp(ReadOnlySpan<double> scores)
    {
        var most = scores[Best(scores)];
        if (double.IsNegativeInfinity(most))
            return most;
        var sum = 0.0;
        foreach (var score in scores)
            sum += Math.Exp(score - most);
        return most + Math.Log(sum);
    }

    /// <summary>The softmax of scores; all zero where no token can follow.</summary>
    public static double[] Probabilities(ReadOnlySpan<double> scores)
    {
        var probabilities = new double[scores.Length];
        var total = LogSumExp(scores);
        for (var id = 0; id < scores.Length && !double.IsNegativeInfinity(total); id++)
            probabilities[id] = Math.Exp(scores[id] - total);
        return probabilities;
    }

    /// <summary>The token with the highest score, of several the first.</summary>
    public static int Best(ReadOnlySpan<double> scores)
    {
        var best = 0;
        for (var id = 1; id < scores.Length; id++)
        {
            if (scores[id] > scores[best])
                best = id;
        }

        return best;
    }

    /// <summary>The token at a place of the cumulative distribution.</summary>
    /// <param name="scores">Scores, of which one at least is finite.</param>
    /// <param name="place">The place, from 0 (included) to 1 (excluded).</param>
    public static int At(ReadOnlySpan<double> scores, double place)
    {
        var probabilities = Probabilities(scores);
        var (sum, last) = (0.0, 0);
        for (var id = 0; id < probabilities.Length; id++)
        {
            if (probabilities[id] == 0)
                continue;
            (sum, last) = (sum + probabilities[id], id);
            if (place < sum)
                break;
        }

        return last;
    }

    /// <summary>Ids from the lowest value to the highest; of equal ones the lower id first.</summary>
    public static int[] SortedBy(ReadOnlySpan<double> values)
    {
        var keys = values.ToArray();
        var ids = new int[keys.Length];
        for (var id = 0; id < ids.Length; id++)
            ids[id] = id;
        Array.Sort(keys, ids, Comparer<double>.Default);
        for (var start = 0; start < ids.Length;)
        {
            var end = start + 1;
            while (end < ids.Length && keys[end] == keys[start])
                end++;
            Array.Sort(ids, start, end - start);
            start = end;
        }

        return ids;
    }
}
