namespace MlNetBert.Tokenization;

/// <summary>The blanks that offsets of tokens hold where a tokenizer leaves them in, as those of GPT-2 and of "▁" for a blank.</summary>
internal static class Blanks
{
    /// <summary>A place in a text without the blanks at its ends; empty where it holds nothing else.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Its first UTF-16 unit.</param>
    /// <param name="end">The one after its last.</param>
    public static (int Start, int End) Trim(string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
            start++;
        while (end > start && char.IsWhiteSpace(text[end - 1]))
            end--;
        return (start, end);
    }
}
