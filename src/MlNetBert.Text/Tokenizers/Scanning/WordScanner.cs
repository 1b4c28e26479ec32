using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
    private const byte Other = 3;

    private readonly byte[] _asciiKinds = new byte[128];
    private readonly char[] _asciiMap = new char[128];
    private readonly CharacterMap _map;
    private readonly bool _cleanText;
    private readonly bool _splitIdeographs;
    private readonly bool _replaceInvalid;
    private readonly bool _compose;
    private readonly int _maxWordLength;
    private readonly AsciiSet _letters;
    private readonly Vector128<byte> _lowerCase;
    private WordScanner? _plain; // the same for text that is normalized

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
            _asciiKinds[i] = _cleanText && kind.HasFlag(CharacterClass.Dropped) ? Other
                : kind.HasFlag(CharacterClass.White) ? White
                : kind == CharacterClass.Punctuation ? Punctuation
                : Letter;
            _asciiMap[i] = normalizer.LowerCase ? char.ToLowerInvariant((char)i) : (char)i;
        }

        _letters = new AsciiSet(c => _asciiKinds[c] == Letter && !char.IsControl(c));
        _lowerCase = AsciiWord.CaseBit(normalizer.LowerCase);
    }

    public override void ScanNormalized<TSink>(AlignedText text, int start, int length, ref TSink sink)
    {
        WordScanner plain = _plain ??=
            new WordScanner(BertNormalizer.Nothing, composes: false, _maxWordLength, replacesInvalid: true);
        var inner = new AlignedSink<TSink>(sink, text);
        plain.ScanWords(text.Text.AsSpan(start, length), start, ref inner);
    }

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
        try
        {
            for (int i = 0; i < text.Length;)
            {
                i = ScanShortWords(text, i, offset, ref sink);
                i = ScanWord(text, i, offset, ref word, ref sink);
            }
        }
        finally
        {
            if (rented is not null)
                ArrayPool<char>.Shared.Return(rented);
            if (places is not null)
                ArrayPool<TokenOffset>.Shared.Return(places);
        }
    }

    /// <summary>Scans words of a few ASCII letters and what stands between them.</summary>
    /// <returns>Where a word begins that is none of these, or the end of the text.</returns>
    private int ScanShortWords<TSink>(ReadOnlySpan<char> text, int index, int offset, ref TSink sink)
        where TSink : struct, IWordSink
    {
        int inBlocks = text.Length - AsciiWord.BlockLength + 1;
        if (index < inBlocks)
            index = ScanBlocks(text, index, inBlocks, offset, ref sink);
        if (index < inBlocks || index >= text.Length)
            return index;
        // The end, with blanks behind it, so that a block may begin at each of its characters.
        Span<char> end = stackalloc char[2 * AsciiWord.BlockLength];
        end.Fill(' ');
        int length = text.Length - index;
        text[index..].CopyTo(end);
        return index + Math.Min(length, ScanBlocks(end, 0, length, offset + index, ref sink));
    }

    /// <summary>The same where a block of sixteen characters may be read from each place below a limit.</summary>
    private int ScanBlocks<TSink>(ReadOnlySpan<char> text, int index, int limit, int offset, ref TSink sink)
        where TSink : struct, IWordSink
    {
        ref byte kinds = ref MemoryMarshal.GetArrayDataReference(_asciiKinds);
        ref char first = ref MemoryMarshal.GetReference(text);
        int longest = Math.Min(AsciiWord.Longest, _maxWordLength);
        while (index < limit)
        {
            Vector128<byte> block = AsciiWord.Load(ref Unsafe.Add(ref first, index));
            int length = BitOperations.TrailingZeroCount(~_letters.In(block));
            if (length > longest)
                break;
            char next = Unsafe.Add(ref first, index + length);
            byte kind = next < 128 ? Unsafe.Add(ref kinds, next) : Other;
            if (kind is not (White or Punctuation))
                break;
            if (length > 0)
            {
                sink.Word(new AsciiWord(AsciiWord.LowerCase(block, _lowerCase), length), offset + index);
                index += length;
            }

            if (kind == Punctuation)
                sink.Word(new AsciiWord(Vector128.CreateScalar((byte)next), 1), offset + index);
            index++;
        }

        return index;
    }

    /// <summary>Scans characters, whatever they are, until no word has begun.</summary>
    /// <returns>Where the rest begins.</returns>
    private int ScanWord<TSink>(ReadOnlySpan<char> text, int index, int offset, ref Word word, ref TSink sink)
        where TSink : struct, IWordSink
    {
        while (index < text.Length)
        {
            char c = text[index];
            if (c >= 128)
            {
                index += ScanRune(text, index, offset, ref word, ref sink);
            }
            else
            {
                byte kind = _asciiKinds[c];
                if (kind is White or Punctuation)
                    word.Flush(ref sink);
                if (kind is Letter or Punctuation)
                    word.Append<TSink>(_asciiMap[c], offset + index, offset + index + 1);
                if (kind == Punctuation)
                    word.Flush(ref sink);
                index++;
            }

            if (word.IsEmpty)
                return index;
        }

        word.Flush(ref sink);
        return index;
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

        public readonly bool IsEmpty => _length == 0;

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

            _length = 0;
            _trailing = 0;
            sink.Word(_characters[..length], tooLong, found);
        }
    }
}
