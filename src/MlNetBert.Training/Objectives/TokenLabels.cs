namespace MlNetBert.Training.Objectives;

/// <summary>The classes of a sentence's words, and where they stand among its tokens.</summary>
/// <param name="Tokens">The class at each token, [CLS] and [SEP] included: a word's at its first piece,
/// <see cref="Models.Losses.IgnoredLabel"/> elsewhere.</param>
/// <param name="Words">The class of each word; negative for one without a label.</param>
/// <param name="FirstTokens">The place of each word's first piece among the tokens; −1 for a word beyond the limit, <see cref="Unread"/>
/// for one without a piece.</param>
[Experimental("MLNETBERT001")]
public sealed record TokenLabels(IReadOnlyList<long> Tokens, IReadOnlyList<int> Words, IReadOnlyList<int> FirstTokens)
{
    /// <summary>The place of a word of which the tokenizer reads nothing.</summary>
    public const int Unread = -2;
}
