namespace MlNetBert.Generation;

/// <summary>What a model wrote for a prompt.</summary>
/// <param name="Text">The prompt as text; null where it was ids and the model has no tokenizer.</param>
/// <param name="Generated">What was written, special tokens and a stop text left out; null where the model has no tokenizer. Of a model
/// that continues its prompt it is what follows <paramref name="Text"/>, blanks included.</param>
/// <param name="GeneratedIds">The ids of what was written, the token that ended it included.</param>
/// <param name="Tokens">The pieces of <paramref name="GeneratedIds"/>, null for an id that the tokenizer has no piece for; null where the
/// model has no tokenizer.</param>
/// <param name="Score">The log-probability of the tokens in nats, divided by their number: the model's own, whatever the options. With
/// <see cref="GenerationOptions.Beams"/> what beams are compared by, as transformers: the sum of the log-probabilities after
/// <see cref="GenerationOptions.RepetitionPenalty"/>, divided by their number to the power of
/// <see cref="GenerationOptions.LengthPenalty"/>.</param>
/// <param name="End">Why there are no more.</param>
/// <param name="PromptTokensCut">How many tokens of the prompt were left out: of one that is continued its first, so that the model's
/// positions have room for <see cref="GenerationOptions.MaxNewTokens"/>, or half of them where that is less; of one that is answered its
/// last, where it is longer than the positions.</param>
[Experimental("MLNETBERT001")]
public sealed record GeneratedText(
    string? Text,
    string? Generated,
    IReadOnlyList<int> GeneratedIds,
    IReadOnlyList<string?>? Tokens,
    double Score,
    GenerationEnd End,
    int PromptTokensCut)
{
    /// <summary>The mean log-probability of the tokens, whatever beams were compared by.</summary>
    /// <param name="lengthPenalty"><see cref="GenerationOptions.LengthPenalty"/>.</param>
    internal double MeanOf(double? lengthPenalty) => Score * Math.Pow(GeneratedIds.Count, (lengthPenalty ?? 1) - 1);

    /// <summary>Whether more would have followed: neither an end token nor a stop text came.</summary>
    internal bool IsUnfinished => End is GenerationEnd.MaxNewTokens or GenerationEnd.Positions;
}
