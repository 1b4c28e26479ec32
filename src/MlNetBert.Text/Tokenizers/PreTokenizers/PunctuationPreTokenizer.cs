using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>Cuts a text at punctuation, as BERT knows it: Unicode's, and what is no letter, digit or blank in ASCII.</summary>
/// <param name="Behavior">What becomes of the marks.</param>
internal sealed record PunctuationPreTokenizer(SplitBehavior Behavior) : TextPreTokenizer
{
    internal static PunctuationPreTokenizer Of(JsonPart part) =>
        new(part.Optional("behavior") is { IsNull: false } behavior ? behavior.GetNamed<SplitBehavior>() : SplitBehavior.Isolated);

    internal override BlankBorder BeforeBlank => BlankBorder.Independent;

    internal override AlignedText Split(AlignedText text, List<(int Start, int Length)> words)
    {
        DelimiterSplit.AddWords(
            DelimiterSplit.CutAt(text.Text, rune => UnicodeTables.ClassOf(rune.Value) == CharacterClass.Punctuation), Behavior, words);
        return text;
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Punctuation");
        writer.WriteString("behavior", Behavior.ToString());
    }
}
