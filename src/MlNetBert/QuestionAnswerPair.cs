namespace MlNetBert;

/// <summary>A predicted answer to a question, with the right ones.</summary>
public sealed class QuestionAnswerPair
{
    /// <summary>Creates a pair with one right answer.</summary>
    /// <param name="predicted">The predicted answer; null counts as empty.</param>
    /// <param name="expected">The right one; null counts as empty.</param>
    public QuestionAnswerPair(string? predicted, string? expected)
        : this(predicted, [expected ?? ""])
    {
    }

    /// <summary>Creates a pair with several right answers.</summary>
    /// <param name="predicted">The predicted answer; null counts as empty.</param>
    /// <param name="expected">The right ones, at least one.</param>
    /// <exception cref="ArgumentException">There is no right answer.</exception>
    public QuestionAnswerPair(string? predicted, IReadOnlyList<string> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        if (expected.Count == 0)
            throw new ArgumentException("Expected at least one right answer, found none. An empty text is one, too.", nameof(expected));
        Predicted = predicted;
        Expected = expected;
    }

    /// <summary>The predicted answer; null counts as empty.</summary>
    public string? Predicted { get; }

    /// <summary>The right answers, at least one.</summary>
    public IReadOnlyList<string> Expected { get; }
}
