namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>Words that a blank begins, as SentencePiece has them.</summary>
internal sealed class BlankWordPattern : WordPattern
{
    public static BlankWordPattern Instance { get; } = new();

    public override int EndOf(ReadOnlySpan<char> text, int start)
    {
        int blank = text[(start + 1)..].IndexOf(' ');
        return blank < 0 ? text.Length : start + 1 + blank;
    }
}
