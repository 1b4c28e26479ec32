namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>GPT-2's words: contractions, then letters, numbers or anything else with a blank before them, then white space.</summary>
internal sealed class Gpt2WordPattern : WordPattern
{
    public const string Regex = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public override int EndOf(ReadOnlySpan<char> text, int start)
    {
        if (ContractionAt(text, start, ignoresCase: false) is > 0 and var contraction)
            return start + contraction;
        int first = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        CharacterKind kind = CharacterKinds.At(text, first, out int length);
        if (kind != CharacterKind.White)
            return CharacterKinds.EndOfRun(text, first + length, kind);
        return EndOfWhite(start, CharacterKinds.EndOfRun(text, start, kind), text.Length);
    }
}
