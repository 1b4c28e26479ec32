using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>Sets a blank before each token that begins a word.</summary>
/// <param name="Prefix">What marks a token that continues one; it is left out of the text.</param>
/// <param name="CleanUp">Whether blanks before punctuation and contractions are taken out, token by token.</param>
[Experimental("MLNETBERT001")]
public sealed record WordPieceDecoder(string Prefix = "##", bool CleanUp = true) : TokenDecoder
{
    internal static WordPieceDecoder Of(JsonPart part) => new(
        part.OptionalString("prefix") ?? "##", part.OptionalBoolean("cleanup") ?? true);

    /// <summary>Takes blanks before punctuation and contractions out.</summary>
    internal static string TakeBlanksOut(string text) => TakeBlanksOut(new StringBuilder(text)).ToString();

    internal override IEnumerable<string> Decode(IEnumerable<string> tokens)
    {
        bool first = true;
        foreach (string token in tokens)
        {
            // Where the prefix is empty, every token begins with it.
            string text = first ? token : token.StartsWith(Prefix, StringComparison.Ordinal) ? token[Prefix.Length..] : ' ' + token;
            first = false;
            bool isPlain = (token.Length == 0 || char.IsAsciiLetterOrDigit(token[0])) && !token.Contains(' ', StringComparison.Ordinal);
            yield return !CleanUp || isPlain ? text : TakeBlanksOut(new StringBuilder(text)).Replace(" do not", " don't").ToString();
        }
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "WordPiece");
        writer.WriteString("prefix", Prefix);
        writer.WriteBoolean("cleanup", CleanUp);
    }

    private static StringBuilder TakeBlanksOut(StringBuilder text) => text
        .Replace(" .", ".").Replace(" ?", "?").Replace(" !", "!").Replace(" ,", ",")
        .Replace(" ' ", "'").Replace(" n't", "n't").Replace(" 'm", "'m").Replace(" 's", "'s").Replace(" 've", "'ve").Replace(" 're", "'re");
}
