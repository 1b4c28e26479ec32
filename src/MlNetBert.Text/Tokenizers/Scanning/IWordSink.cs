namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>Takes the words of a text as <see cref="WordScanner"/> finds them, and the added tokens between them.</summary>
internal interface IWordSink
{
    /// <summary>Whether the sink wants to know where the characters of a word come from.</summary>
    static abstract bool TracksOffsets { get; }

    /// <summary>Takes a normalized word of a few ASCII characters; any scanner may give such words by the other method as well.</summary>
    /// <param name="word">The word.</param>
    /// <param name="start">Where its first character comes from; the others come from those behind that one.</param>
    void Word(AsciiWord word, int start);

    /// <summary>Takes a normalized word.</summary>
    /// <param name="word">Its characters.</param>
    /// <param name="tooLong">Whether it is longer than a word may be; its characters are then cut.</param>
    /// <param name="places">Where each character comes from, if wanted; for a word too long one place for the whole.</param>
    void Word(ReadOnlySpan<char> word, bool tooLong, ReadOnlySpan<TokenOffset> places);

    /// <summary>Takes a part of a text that stands by itself; its words need not be found where it is known from before.</summary>
    /// <param name="text">The part.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="scanner">Finds its words.</param>
    /// <exception cref="InvalidTextException">It is not valid UTF-16, and that is refused.</exception>
    void Part(ReadOnlySpan<char> text, int start, PipelineScanner scanner);

    /// <summary>Takes an added token.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="place">Where it stands.</param>
    void Token(int id, TokenOffset place);
}
