namespace MlNetBert.Models.Generation;

/// <summary>
/// The search for what follows one text. It sees the scores of its own rows alone, so that what it finds depends on no other text.
/// </summary>
internal abstract class TextSearch
{
    /// <summary>How many rows of the batch it takes: 1 before the first step.</summary>
    public int RowCount => Next.Count;

    /// <summary>What the last step appends to which rows; before the first step its one row, and no token.</summary>
    public IReadOnlyList<Continuation> Next { get; protected set; } = [default];

    /// <summary>Whether there is nothing left to do.</summary>
    public bool IsDone => Next.Count == 0;

    /// <summary>What was found so far, the best first.</summary>
    public abstract IReadOnlyList<GeneratedSequence> Results { get; }

    /// <summary>Chooses what follows.</summary>
    /// <param name="logits">Scores of the next token of each row [rows, vocabulary].</param>
    /// <exception cref="InvalidDataException">A score is not a number.</exception>
    public abstract void Step(ReadOnlySpan<float> logits);

    /// <summary>The scores of a row in float64.</summary>
    /// <exception cref="InvalidDataException">A score is not a number.</exception>
    protected static double[] Widen(ReadOnlySpan<float> logits)
    {
        var scores = new double[logits.Length];
        for (var id = 0; id < scores.Length; id++)
        {
            scores[id] = logits[id];
            if (double.IsNaN(scores[id]) || double.IsPositiveInfinity(scores[id]))
                throw new InvalidDataException(
                    $"The model gives the token {id} a score of {scores[id]}: expected finite scores. Its weights hold values that are not "
                        + "finite, or overflow on this text.");
        }

        return scores;
    }
}
