using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tokenizers.PreTokenizers;

/// <summary>Cuts a text at what matches a pattern.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="Behavior">What becomes of what matches.</param>
/// <param name="Inverts">Whether what does not match are the delimiters instead.</param>
internal sealed record SplitPreTokenizer(TextPattern Pattern, SplitBehavior Behavior, bool Inverts) : TextPreTokenizer
{
    /// <summary>The pattern of the words that a text is cut into; null where some text may be no word, or is not known.</summary>
    internal WordPattern? Words =>
        (Behavior == SplitBehavior.Isolated && !Inverts) || (Behavior == SplitBehavior.Removed && Inverts) ? Pattern.Words : null;

    internal override BlankBorder BeforeBlank => Pattern switch
    {
        { Words: not null } => Behavior == SplitBehavior.Contiguous ? BlankBorder.Independent : BlankBorder.Cut,
        { IsRegex: false, Text: " " } => Behavior is SplitBehavior.Isolated or SplitBehavior.Removed or SplitBehavior.Contiguous
            ? BlankBorder.Cut
            : BlankBorder.Unknown,
        { StaysBetweenBlanks: true } => BlankBorder.Independent,
        _ => BlankBorder.Unknown,
    };

    internal static SplitPreTokenizer Of(JsonPart part) => new(
        TextPattern.Read(part.Required("pattern")), part.Required("behavior").GetNamed<SplitBehavior>(),
        part.OptionalBoolean("invert") ?? false);

    internal override AlignedText Split(AlignedText text, List<(int Start, int Length)> words)
    {
        List<(int Start, int End, bool IsMatch)> parts = Pattern.Cut(text.Text);
        if (Inverts)
            parts = parts.ConvertAll(part => part with { IsMatch = !part.IsMatch });
        DelimiterSplit.AddWords(parts, Behavior, words);
        return text;
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Split");
        Pattern.Write(writer);
        writer.WriteString("behavior", Behavior.ToString());
        writer.WriteBoolean("invert", Inverts);
    }
}
