using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// Pieces that a tokenizer never gives, because it changes the text first: a sign that the vocabulary was made for other settings.
/// </summary>
/// <param name="Pieces">All pieces but the added tokens.</param>
/// <param name="UpperCase">Those with upper-case letters, where the tokenizer lower-cases.</param>
/// <param name="Accented">Those with accents, where the tokenizer strips them.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct UnreachablePieces(int Pieces, int UpperCase, int Accented)
{
    /// <summary>How many pieces begin or end with white space, such as lines of a file with spaces behind the piece.</summary>
    internal int Spaced { get; init; }

    /// <summary>One in so many pieces is told.</summary>
    private const int OneIn = 100;

    /// <summary>Counts the pieces of a tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <returns>The counts.</returns>
    public static UnreachablePieces Of(SubwordTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        (bool lowers, bool strips) = (tokenizer.LowersCase, tokenizer.StripsAccents);
        var lower = CharacterMap.For(stripAccents: false, lowerCase: true);
        var strip = CharacterMap.For(stripAccents: true, lowerCase: false);
        bool isByteLevel = tokenizer.Pipeline.IsByteLevel; // "Ġ" is a blank, not an upper-case letter
        int pieces = 0, upperCase = 0, accented = 0, spaced = 0;
        for (int id = 0; id < tokenizer.Vocabulary.Count; id++)
        {
            string piece = tokenizer.Vocabulary[id];
            // [unused1]: a place that is kept free
            if (tokenizer.IsAdded(id) || piece.Length == 0 || (piece.StartsWith('[') && piece.EndsWith(']') && piece.Length > 2))
                continue;
            pieces++;
            if (char.IsWhiteSpace(piece[0]) || char.IsWhiteSpace(piece[^1]))
                spaced++;
            else if (lowers && Changes(Written(piece), lower))
                upperCase++;
            else if (strips && Changes(Written(piece), strip))
                accented++;
        }

        return new UnreachablePieces(pieces, upperCase, accented) { Spaced = spaced };

        string Written(string piece) => isByteLevel ? Encoding.UTF8.GetString(ByteCharacters.Decode(piece)) : piece;
    }

    /// <summary>A warning where one piece in a hundred or more is lost; null where there is nothing to tell.</summary>
    /// <param name="options">The options that set case and accents; null where the tokenizer's own files do.</param>
    /// <returns>The warning.</returns>
    public string? Warning(string? options)
    {
        if (Spaced > 0)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Spaced:#,0} of the vocabulary's {Pieces:#,0} pieces begin or end with a space and are never found. Remove the spaces.");
        if ((UpperCase + Accented) * OneIn < Pieces || UpperCase + Accented == 0)
            return null;
        return UpperCase >= Accented
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{UpperCase:#,0} of the vocabulary's {Pieces:#,0} pieces have upper-case letters and are never found, because the "
                    + $"tokenizer lower-cases text: the vocabulary was made for cased text. {Advice("LowerCase", "do_lower_case")}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Accented:#,0} of the vocabulary's {Pieces:#,0} pieces have accents and are never found, because the tokenizer strips "
                    + $"them. {Advice("StripAccents", "strip_accents")}");

        string Advice(string option, string key) => options is not null
            ? $"Give {options}.{option} = false."
            : $"Correct the normalizer in its tokenizer.json, or, where it has none, {key} in its tokenizer_config.json.";
    }

    private static bool Changes(string piece, CharacterMap map)
    {
        foreach (Rune rune in piece.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || Rune.IsWhiteSpace(rune) || Rune.IsControl(rune)) // bytes, and what maps clean up
                continue;
            if (!string.Equals(map.Map(rune), rune.ToString(), StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
