using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>SentencePiece's: a mark takes the place of each blank and begins a word.</summary>
[Experimental("MLNETBERT001")]
public sealed record MetaspacePreTokenizer : TextPreTokenizer
{
    /// <summary>The character that stands for a blank.</summary>
    /// <value>"▁" (U+2581) by default.</value>
    public Rune Replacement { get; init; } = new(Metaspaces.Mark);

    /// <summary>Which parts of a text get the mark before them, where they do not begin with it.</summary>
    /// <value><see cref="PrependScheme.Always"/> by default.</value>
    public PrependScheme Prepend { get; init; }

    /// <summary>Whether the text is cut before each mark; otherwise it stays as it was cut before.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool Cuts { get; init; } = true;

    internal override AsciiCutting? Ascii =>
        Replacement.IsAscii || !Replacement.IsBmp ? null : new AsciiCutting(BlankWordPattern.Instance, (char)Replacement.Value);

    internal override BlankBorder BeforeBlank => Cuts ? BlankBorder.Cut : BlankBorder.Unknown;

    internal override bool KeepsText => false;

    internal override TextPreTokenizer Following => Prepend == PrependScheme.Never ? this : this with { Prepend = PrependScheme.Never };

    internal static MetaspacePreTokenizer Of(JsonPart part)
    {
        var read = Metaspaces.Read(part);
        return new MetaspacePreTokenizer { Replacement = read.Replacement, Prepend = read.Prepend, Cuts = read.Split };
    }

    internal override AlignedText Split(AlignedText text, List<(int Start, int Length)> words)
    {
        if (text.Text.Length == 0)
            return text;
        string mark = Replacement.ToString();
        text = text.Map(rune => rune.Value == ' ' ? Replacement : rune);
        if (Prepends(text) && !text.Text.StartsWith(mark, StringComparison.Ordinal))
            text = text.Prepend(mark);
        int start = 0;
        while (Cuts && text.Text.IndexOf(mark, start + 1, StringComparison.Ordinal) is > 0 and var next)
        {
            words.Add((start, next - start));
            start = next;
        }

        words.Add((start, text.Text.Length - start));
        return text;
    }

    internal override void Write(Utf8JsonWriter writer) => new Metaspaces(Replacement, Prepend, Cuts).Write(writer);

    private bool Prepends(AlignedText text) =>
        Prepend == PrependScheme.Always || (Prepend == PrependScheme.First && text.Places[0].Start == 0);
}
