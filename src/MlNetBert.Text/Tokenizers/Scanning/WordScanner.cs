using System.Buffers;
using System.Text;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Scanning;

/// <summary>
/// BERT's normaliser and pre-tokenizer in one pass: every code point is cleaned, stripped and lower-cased by itself, so that words can be
/// cut while the text is read. Equal to Hugging Face's BertNormalizer followed by BertPreTokenizer.
/// </summary>
internal sealed class WordScanner : TextScanner
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

    /// <summary>Makes a scanner.</summary>
    /// <param name="normalizer">What is done to each code point.</param>
    /// <param name="composes">Whether form C is made before that.</param>
    /// <param name="maxWordLength">The longest word that is spelled, in Unicode code points.</param>
    /// <param name="replacesInvalid">Whether what is not valid UTF-16 is read as U+FFFD.</param>
    public WordScanner(BertNormalizer normalizer, bool composes, int maxWordLength, bool replacesInvalid)
        : base(normalizer.With(composes), replacesInvalid)
    {
        _map = CharacterMap.For(normalizer.StripsAccents, normalizer.LowerCase);
        _cleanText = normalizer.CleanText;
        _splitIdeographs = normalizer.HandleChineseCharacters;
        _replaceInvalid = replacesInvalid;
        _compose = composes;
        _maxWordLength = maxWordLength;
        for (int i = 0; i < 128; i++)
        {
            CharacterClass kind = UnicodeTables.ClassOf(i);
            _asciiKinds[i] = _cleanText && kind.HasFlag(CharacterClass.Dropped) ? (byte)3
                : kind.HasFlag(CharacterClass.White) ? White
                : kind == CharacterClass.Punctuation ? Punctuation
                : Letter;
            _asciiMap[i] = normalizer.LowerCase ? char.ToLowerInvariant((char)i) : (char)i;
        }
    }

    public override TextScanner WithoutNormalizer() =>
        new WordScanner(BertNormalizer.Nothing, composes: false, _maxWordLength, replacesInvalid: true);

    public override void Scan<TSink>(ReadOnlySpan<char> text, int offset, ref TSink sink)
    {
        if (_compose && CanonicalForms.MayChange(text))
            ScanComposed(NfcNormalizer.Compose(text, offset), sink);
        else
            ScanWords(text, offset, ref sink);
    }

    private void ScanComposed<TSink>(AlignedText composed, TSink sink)
        where TSink : struct, IWordSink
    {
        var inner = new AlignedSink<TSink>(sink, composed);
        try
        {
            ScanWords(composed.Text, 0, ref inner);
        }
        catch (InvalidTextException exception)
        {
            throw new InvalidTextException(composed.Original(new(exception.Position, exception.Position + 1)).Start, exception.Value);
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
