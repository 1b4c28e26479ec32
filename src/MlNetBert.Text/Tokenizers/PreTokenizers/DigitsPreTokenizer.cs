using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>Cuts numbers (Unicode's Nd, Nl and No) from all else.</summary>
/// <param name="Individual">Whether each of their characters is a word.</param>
internal sealed record DigitsPreTokenizer(bool Individual) : TextPreTokenizer
{
    internal override BlankBorder BeforeBlank => BlankBorder.Independent;

    internal override AlignedText Split(AlignedText text, List<(int Start, int Length)> words)
    {
        SplitBehavior behavior = Individual ? SplitBehavior.Isolated : SplitBehavior.Contiguous;
        DelimiterSplit.AddWords(DelimiterSplit.CutAt(text.Text, Rune.IsNumber), behavior, words);
        return text;
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Digits");
        writer.WriteBoolean("individual_digits", Individual);
    }
}
