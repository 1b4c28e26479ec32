namespace MlNetBert.Generation;

/// <summary>
/// Tokens that a model writes as text. Where they continue a prompt they are decoded behind it, so that a blank between the two is kept.
/// Thread-safe.
/// </summary>
internal sealed class ContinuationDecoder
{
    // The longest text that taking out blanks changes: " n ' t", which becomes "n't".
    private const int LongestCleanUp = 6;

    private readonly SubwordTokenizer _tokenizer;
    private readonly IReadOnlyList<int> _prompt;
    private readonly string _before;

    /// <summary>Prepares the decoding of what follows a prompt.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="prompt">The tokens that are continued; empty where what is written stands for itself.</param>
    public ContinuationDecoder(SubwordTokenizer tokenizer, IReadOnlyList<int> prompt)
    {
        (_tokenizer, _prompt) = (tokenizer, prompt);
        _before = Decode(tokenizer, prompt);
    }

    /// <summary>The decoding of what stands for itself.</summary>
    public static ContinuationDecoder Alone(SubwordTokenizer tokenizer) => new(tokenizer, []);

    /// <summary>Tokens as text, without special tokens and those that have no piece.</summary>
    public static string Decode(SubwordTokenizer tokenizer, IEnumerable<int> ids) =>
        tokenizer.Decode(ids.Where(id => id < tokenizer.Vocabulary.Count));

    /// <summary>What tokens add to the text.</summary>
    public string Of(IReadOnlyList<int> generated)
    {
        var whole = Decode(_tokenizer, _prompt.Concat(generated));
        return whole.StartsWith(_before, StringComparison.Ordinal) ? whole[_before.Length..] : Decode(_tokenizer, generated);
    }

    /// <summary>The beginning of <see cref="Of"/> that no further token changes; empty where there is none yet.</summary>
    public string StableOf(IReadOnlyList<int> generated)
    {
        // Bytes in a row make characters together, or none.
        var count = generated.Count;
        while (count > 0 && _tokenizer.IsByte(generated[count - 1]))
            count--;
        var text = Of([.. generated.Take(count)]);
        if (_tokenizer.CleansUpSpaces)
        {
            var length = Math.Max(0, text.Length - LongestCleanUp);
            // A character of two units stays whole.
            text = text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
        }

        var torn = text.IndexOf('\uFFFD', StringComparison.Ordinal);
        return torn < 0 ? text : text[..torn];
    }
}
