namespace MlNetBert.QuestionAnswering;

/// <summary>Holds an answer against the place that it is said to stand at.</summary>
internal static class AnswerPlace
{
    private const int Shown = 40;

    /// <summary>What is wrong with a place; null where the answer stands there.</summary>
    /// <param name="context">The text.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="index">Where it should begin, in UTF-16 units.</param>
    public static string? FaultOf(string context, string answer, int index)
    {
        if (index >= 0 && index <= context.Length - answer.Length && string.CompareOrdinal(context, index, answer, 0, answer.Length) == 0)
            return null;
        var place = context.IndexOf(answer, StringComparison.Ordinal);
        var found = index < 0 || index >= context.Length
            ? FormattableString.Invariant($"the context ends at {context.Length}")
            : $"the context has '{Cut(context[index..], answer.Length)}' there";
        var remedy = place < 0
            ? "it stands nowhere in the context"
            : FormattableString.Invariant($"it stands at {place} (indices count UTF-16 units from 0)");
        return FormattableString.Invariant($"answer '{Cut(answer, Shown)}' at {index}: {found}, and {remedy}");
    }

    private static string Cut(string text, int length) =>
        text.Length <= Math.Min(length, Shown) ? text : text[..Math.Min(length, Shown)] + (length > Shown ? "…" : "");
}
