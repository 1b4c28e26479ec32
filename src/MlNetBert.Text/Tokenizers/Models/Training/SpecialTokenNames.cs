namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>The special tokens that a vocabulary begins with, and those that a user adds.</summary>
internal static class SpecialTokenNames
{
    /// <summary>RoBERTa's; a place is an id.</summary>
    public static IReadOnlyList<string> OfRoberta { get; } = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];

    /// <summary>What is wrong with further special tokens; null where nothing is.</summary>
    /// <param name="tokens">The further tokens.</param>
    /// <param name="usual">Those that there are anyhow.</param>
    public static string? FaultOf(IReadOnlyList<string>? tokens, IReadOnlyList<string> usual) =>
        tokens is null ? "must not be null"
            : tokens.Any(token => string.IsNullOrWhiteSpace(token) || token.AsSpan().ContainsAny('\r', '\n'))
                ? "must each be a text of one line"
            : tokens.Concat(usual).Distinct(StringComparer.Ordinal).Count() < tokens.Count + usual.Count
                ? $"must differ from each other and from {string.Join(' ', usual)}"
            : null;
}
