using System.Globalization;
using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Tokenizers;

/// <summary>Refuses a vocabulary that no tokenizer can be made of, naming every fault with its line.</summary>
internal static class VocabularyChecks
{
    private const int ShownFaults = 5;

    /// <summary>Checks the pieces and gives each its id.</summary>
    public static Dictionary<string, int> Index(IReadOnlyList<string> pieces, WordPieceTokenizerOptions options, string source)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var ids = new Dictionary<string, int>(pieces.Count, StringComparer.Ordinal);
        var faults = new List<string>();
        for (int i = 0; i < pieces.Count; i++)
        {
            string? piece = pieces[i];
            if (string.IsNullOrEmpty(piece))
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"line {i + 1} is empty"));
            else if (piece.AsSpan().ContainsAny('\n', '\r'))
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"line {i + 1} holds a line break"));
            else if (!IsValid(piece))
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"line {i + 1} is not valid Unicode"));
            else if (!ids.TryAdd(piece, i))
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"line {i + 1} repeats '{piece}' of line {ids[piece] + 1}"));
        }

        if (faults.Count > 0)
        {
            string rest = faults.Count > ShownFaults ? string.Create(CultureInfo.InvariantCulture, $" and {faults.Count - ShownFaults} more") : string.Empty;
            throw new TokenizerFormatException(source, $"a vocabulary has one piece a line, each once; {string.Join("; ", faults.Take(ShownFaults))}{rest}. Correct these lines.");
        }

        string[] needed = [options.UnknownToken, options.ClassificationToken, options.SeparatorToken, options.PaddingToken, options.MaskToken, .. options.AddedTokens.Select(token => token.Content)];
        string[] missing = [.. needed.Where(token => !ids.ContainsKey(token)).Distinct(StringComparer.Ordinal)];
        if (missing.Length > 0)
        {
            throw new TokenizerFormatException(source, string.Create(
                CultureInfo.InvariantCulture,
                $"the special tokens {string.Join(", ", needed.Distinct(StringComparer.Ordinal))} must be in the vocabulary, but {string.Join(", ", missing)} is missing from its {pieces.Count} pieces. Add it, or name the vocabulary's own token in WordPieceTokenizerOptions."));
        }

        return ids;
    }

    private static bool IsValid(string piece)
    {
        for (int i = 0; i < piece.Length; i++)
        {
            if (!char.IsSurrogate(piece[i]))
                continue;
            if (i + 1 >= piece.Length || !char.IsSurrogatePair(piece[i], piece[i + 1]))
                return false;
            i++;
        }

        return true;
    }
}
