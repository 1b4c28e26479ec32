using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>Several pre-tokenizers, each of which cuts the words of the one before it.</summary>
/// <param name="PreTokenizers">The pre-tokenizers, the first first.</param>
[Experimental("MLNETBERT001")]
public sealed record SequencePreTokenizer(IReadOnlyList<TextPreTokenizer> PreTokenizers) : TextPreTokenizer
{
    internal override AsciiCutting? Ascii => PreTokenizers switch
    {
        [{ } only] => only.Ascii,
        [WhitespaceSplitPreTokenizer, MetaspacePreTokenizer { Prepend: PrependScheme.Always, Ascii: { } words }] =>
            words with { DropsBlanks = true },
        [SplitPreTokenizer { Words: { } pattern }, ByteLevelPreTokenizer { UseRegex: false, AddPrefixSpace: false }] =>
            new AsciiCutting(pattern, ByteCharacters.Blank),
        _ => null,
    };

    /// <summary>That of the first one that cuts there: those behind it have both sides as texts of their own.</summary>
    internal override BlankBorder BeforeBlank
    {
        get
        {
            foreach (TextPreTokenizer preTokenizer in PreTokenizers)
            {
                if (preTokenizer.BeforeBlank is var border and not BlankBorder.Independent)
                    return border;
            }

            return BlankBorder.Independent;
        }
    }

    internal override bool KeepsText => PreTokenizers.All(preTokenizer => preTokenizer.KeepsText);

    internal override TextPreTokenizer Following => PreTokenizers is [var only] ? only.Following : this;

    internal static SequencePreTokenizer Of(JsonPart part) =>
        new(part.Required("pretokenizers").Pieces(Read));

    internal override AlignedText Split(AlignedText text, List<(int Start, int Length)> words)
    {
        List<(int Start, int Length)> found = text.Text.Length == 0 ? [] : [(0, text.Text.Length)];
        foreach (TextPreTokenizer preTokenizer in PreTokenizers)
            (text, found) = SplitEach(preTokenizer, text, found);
        words.AddRange(found);
        return text;
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Sequence");
        writer.WritePieces("pretokenizers", PreTokenizers, piece => piece.Write(writer));
    }

    private static (AlignedText Text, List<(int Start, int Length)> Words) SplitEach(
        TextPreTokenizer preTokenizer, AlignedText text, List<(int Start, int Length)> words)
    {
        AlignedText.Builder? all = preTokenizer.KeepsText ? null : new AlignedText.Builder(text.Text.Length + words.Count);
        var parts = new List<(int Start, int Length)>(words.Count);
        var found = new List<(int Start, int Length)>();
        foreach ((int start, int length) in words)
        {
            found.Clear();
            int offset = all?.Text.Length ?? start;
            AlignedText cut = preTokenizer.Split(text.Slice(start, length), found);
            all?.Append(cut);
            foreach ((int from, int count) in found)
                parts.Add((offset + from, count));
        }

        return (all?.Build() ?? text, parts);
    }
}
