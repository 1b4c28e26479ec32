using System.Buffers;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Normalization;

/// <summary>
/// BERT's normaliser and pre-tokenizer in one pass: every code point is cleaned, stripped and lower-cased by itself, so that words can be
/// cut while the text is read. Equal to Hugging Face's BertNormalizer followed by BertPreTokenizer.
/// </summary>
internal sealed class WordScanner
{
    private const byte Letter = 0;
    private const byte White = 1;
    private const byte Punctuation = 2;

    private readonly byte[] _asciiKinds = new byte[128];
    private readonly char[] _asciiMap = new char[128];
    private readonly CharacterMap _map;
    private readonly bool _cleanText;
    private readonly bool _splitIdeographs;
    private readonly bool _replaceInvalid;
    private readonly bool _compose;
    private readonly int _maxWordLength;

    public WordScanner(WordPieceTokenizerOptions options)
    {
        _map = CharacterMap.For(options.EffectiveStripAccents, options.LowerCase);
        _cleanText = options.CleanText;
        _splitIdeographs = options.HandleChineseCharacters;
        _replaceInvalid = options.InvalidText == InvalidTextHandling.Replace;
        _compose = options.ComposeAccents == true;
        _maxWordLength = options.MaxWordLength;
        for (int i = 0; i < 128; i++)
        {
            CharacterClass kind = UnicodeTables.ClassOf(i);
            _asciiKinds[i] = _cleanText && kind.HasFlag(CharacterClass.Dropped) ? (byte)3
                : kind.HasFlag(CharacterClass.White) ? White
                : kind == CharacterClass.Punctuation ? Punctuation
                : Letter;
            _asciiMap[i] = options.LowerCase ? char.ToLowerInvariant((char)i) : (char)i;
        }
    }

    /// <summary>Whether what is no valid UTF-16 is read as U+FFFD.</summary>
    public bool ReplacesInvalid => _replaceInvalid;

    /// <summary>
    /// Appends what a rune becomes: nothing where cleaning drops it, a blank for white space, an ideograph between blanks, else what is
    /// left without accents and case.
    /// </summary>
    public void AppendNormalized(Rune rune, StringBuilder text)
    {
        CharacterClass kind = UnicodeTables.ClassOf(rune.Value);
        if (_cleanText && kind.HasFlag(CharacterClass.Dropped))
            return;
        if (_cleanText && kind.HasFlag(CharacterClass.White))
            text.Append(' ');
        else if (_splitIdeographs && kind == CharacterClass.Ideograph)
            text.Append(' ').Append(_map.Map(rune)).Append(' ');
        else
            text.Append(_map.Map(rune));
    }

    /// <summary>Whether form C is made of a text first, and the text may not be in it yet.</summary>
    public bool Composes(ReadOnlySpan<char> text) => _compose && CanonicalForms.MayChange(text);

    /// <summary>Finds the words of a text.</summary>
    /// <param name="text">The text, or a part of one.</param>
    /// <param name="offset">Where that part begins.</param>
    /// <param name="sink">Takes the words.</param>
    /// <typeparam name="TSink">A struct, so that the calls are inlined.</typeparam>
    public void Scan<TSink>(ReadOnlySpan<char> text, int offset, ref TSink sink)
        where TSink : struct, IWordSink
    {
        if (Composes(text))
            ScanComposed(ComposedText.Of(text), offset, sink);
        else
            ScanWords(text, offset, ref sink);
    }

    private void ScanComposed<TSink>(AlignedText composed, int offset, TSink sink)
        where TSink : struct, IWordSink
    {
        var inner = new AlignedSink<TSink>(sink, composed, offset);
        try
        {
            ScanWords(composed.Text, 0, ref inner);
        }
        catch (InvalidTextException exception)
        {
            throw new InvalidTextException(offset + composed.Original(new(exception.Position, exception.Position + 1)).Start,
                exception.Value);
        }
    }

    private void ScanWords<TSink>(ReadOnlySpan<char> text, int offset, ref TSink sink)
        where TSink : struct, IWordSink
    {
        int capacity = (2 * _maxWordLength) + 2;
        char[]? rented = capacity > 256 ? ArrayPool<char>.Shared.Rent(capacity) : null;
        TokenOffset[]? places = TSink.TracksOffsets ? ArrayPool<TokenOffset>.Shared.Rent(capacity) : null;
        Span<char> characters = rented is null ? stackalloc char[256] : rented;
        var word = new Word(characters, places, capacity, _maxWordLength);
        ref byte kinds = ref _asciiKinds[0];
        try
        {
            for (int i = 0; i < text.Length; i++)
            {
                char c = text[i];
                if (c >= 128)
                {
                    i += ScanRune(text, i, offset, ref word, ref sink) - 1;
                    continue;
                }

                switch (System.Runtime.CompilerServices.Unsafe.Add(ref kinds, c))
                {
                    case Letter:
                        word.Append<TSink>(_asciiMap[c], offset + i, offset + i + 1);
                        break;
                    case White:
                        word.Flush(ref sink);
                        break;
                    case Punctuation:
                        word.Flush(ref sink);
                        word.Append<TSink>(c, offset + i, offset + i + 1);
                        word.Flush(ref sink);
                        break;
                }
            }

            word.Flush(ref sink);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<char>.Shared.Return(rented);
            if (places is not null)
                ArrayPool<TokenOffset>.Shared.Return(places);
        }
    }

    private int ScanRune<TSink>(ReadOnlySpan<char> text, int index, int offset, ref Word word, ref TSink sink)
        where TSink : struct, IWordSink
    {
        if (Rune.DecodeFromUtf16(text[index..], out Rune rune, out int length) != OperationStatus.Done && !_replaceInvalid)
            throw new InvalidTextException(offset + index, text[index]);

        CharacterClass kind = UnicodeTables.ClassOf(rune.Value);
        if (_cleanText && kind.HasFlag(CharacterClass.Dropped))
            return length;
        bool isolate = _splitIdeographs && kind == CharacterClass.Ideograph;
        if (isolate)
            word.Flush(ref sink);
        string mapped = _map.Map(rune);
        for (int i = 0; i < mapped.Length; i++)
        {
            char c = mapped[i];
            bool wide = char.IsHighSurrogate(c);
            kind = wide ? UnicodeTables.ClassOf(char.ConvertToUtf32(c, mapped[i + 1])) : UnicodeTables.ClassOf(c);
            if (kind.HasFlag(CharacterClass.White))
            {
                word.Flush(ref sink);
                continue;
            }

            if (kind == CharacterClass.Punctuation)
                word.Flush(ref sink);
            word.Append<TSink>(c, offset + index, offset + index + length);
            if (wide)
                word.Append<TSink>(mapped[++i], offset + index, offset + index + length);
            if (kind == CharacterClass.Punctuation)
                word.Flush(ref sink);
        }

        if (isolate)
            word.Flush(ref sink);
        return length;
    }

    /// <summary>The word being gathered.</summary>
    private ref struct Word(Span<char> characters, Span<TokenOffset> places, int capacity, int maxLength)
    {
        private readonly Span<char> _characters = characters;
        private readonly Span<TokenOffset> _places = places;
        private int _length;
        private int _trailing; // low surrogates, and what did not fit any more
        private uint _hash;

        public void Append<TSink>(char c, int start, int end)
            where TSink : struct, IWordSink
        {
            int length = _length;
            if (length >= capacity)
            {
                if (TSink.TracksOffsets)
                    _places[0] = new TokenOffset(_places[0].Start, end);
                return;
            }

            _characters[length] = c;
            if (TSink.TracksOffsets)
                _places[length] = new TokenOffset(start, end);
            _hash = (_hash ^ c) * 0x9E3779B1u;
            if ((c & 0xFC00) == 0xDC00)
                _trailing++;
            _length = length + 1;
        }

        public void Flush<TSink>(ref TSink sink)
            where TSink : struct, IWordSink
        {
            int length = _length;
            if (length == 0)
                return;
            bool tooLong = length - _trailing > maxLength;
            ReadOnlySpan<TokenOffset> found = default;
            if (TSink.TracksOffsets)
            {
                if (tooLong && length < capacity)
                    _places[0] = new TokenOffset(_places[0].Start, _places[length - 1].End);
                else if (tooLong)
                    _places[0] = new TokenOffset(_places[0].Start, Math.Max(_places[0].End, _places[length - 1].End));
                found = _places[..length];
            }

            uint hash = _hash;
            _length = 0;
            _trailing = 0;
            _hash = 0;
            sink.Word(_characters[..length], hash ^ (hash >> 15), tooLong, found);
        }
    }
}
