using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers;

/// <summary>SentencePiece's mark of a blank: the members that pre-tokenizer and decoder Metaspace share.</summary>
/// <param name="Replacement">The character that stands for a blank.</param>
/// <param name="Prepend">Which parts of a text get it before them.</param>
/// <param name="Split">Whether words are cut at it.</param>
internal sealed record Metaspaces(Rune Replacement, PrependScheme Prepend, bool Split)
{
    /// <summary>The mark that SentencePiece has.</summary>
    public const char Mark = '\u2581';

    private static readonly string[] Schemes = ["always", "first", "never"];

    public static Metaspaces Read(JsonPart part)
    {
        Rune replacement = part.Required("replacement").GetCharacter();
        JsonPart scheme = part.Optional("prepend_scheme");
        JsonPart older = part.Optional("add_prefix_space");
        int found = scheme.IsNull ? 0 : Array.IndexOf(Schemes, scheme.GetString());
        if (found < 0)
            throw scheme.Fail($"must be {string.Join(" or ", Schemes)}, but is {scheme.GetString()}");
        var prepend = (PrependScheme)found;
        if (!older.IsNull && !older.GetBoolean())
        {
            if (!scheme.IsNull && prepend != PrependScheme.Never)
                throw older.Fail($"is false, but prepend_scheme is {scheme.GetString()}");
            prepend = PrependScheme.Never;
        }

        return new Metaspaces(replacement, prepend, part.OptionalBoolean("split") ?? true);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Metaspace");
        writer.WriteString("replacement", Replacement.ToString());
        writer.WriteString("prepend_scheme", Schemes[(int)Prepend]);
        writer.WriteBoolean("split", Split);
    }
}
