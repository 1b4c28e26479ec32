using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MlNetBert.Text.Corpora;

/// <summary>
/// Reads the lines of a file or stream and knows where it is, so that what is no text can be told. UTF-8 is read as it lies; other
/// encodings, told by a byte-order mark or by the options, go through <see cref="TranscodedStream"/>. Lines end at LF or CR LF.
/// </summary>
internal sealed class LineReader : IDisposable
{
    private readonly CorpusOptions _options;
    private readonly CorpusStatistics _statistics;
    private Stream _stream;
    private string _encoding = "UTF-8";
    private byte[] _buffer = new byte[1 << 17];
    private char[] _characters = new char[1 << 12];
    private int _start;
    private int _end;
    private long _offset; // of _buffer[0] in the file
    private bool _begun;
    private bool _atEnd;

    /// <summary>Reads a stream, which it owns.</summary>
    public LineReader(Stream stream, string name, CorpusOptions options, CorpusStatistics statistics)
    {
        _stream = stream;
        _options = options;
        _statistics = statistics;
        Path = name;
    }

    /// <summary>Reads a file.</summary>
    public LineReader(string path, CorpusOptions options, CorpusStatistics statistics)
        : this(new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan }), path, options,
            statistics)
    {
    }

    /// <summary>The file, or what the stream is called.</summary>
    public string Path { get; }

    /// <summary>The line read last, from 1.</summary>
    public long Line { get; private set; }

    public void Dispose() => _stream.Dispose();

    public string? ReadLine()
    {
        int searched = 0;
        while (true)
        {
            int found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                string line = Decode(_start, searched + found);
                _start += searched + found + 1;
                return line;
            }

            searched = _end - _start;
            if (!_atEnd)
            {
                if (searched > _options.LongestText)
                    throw TooLong();
                if (!_begun)
                    Begin();
                else
                    Fill();
                continue;
            }

            if (searched == 0)
                return null;
            string last = Decode(_start, searched);
            _start = _end;
            return last;
        }
    }

    /// <summary>
    /// Takes the first bytes and sees which encoding they are in. Reads on only where they may be the beginning of a byte-order mark, so
    /// that typed lines come at once.
    /// </summary>
    private void Begin()
    {
        _begun = true;
        do
            Fill();
        while (!_atEnd && TextEncodings.MayBeginWithMark(_buffer.AsSpan(0, _end)));
        ReadOnlySpan<byte> first = _buffer.AsSpan(0, _end);
        Encoding? encoding = TextEncodings.ByMark(first, out int mark) ?? TextEncodings.Find(_options.Encoding);
        if (mark == 0)
            Check(first, encoding);
        if (first.IndexOf((byte)'\n') < 0 && first.IndexOf((byte)'\r') is >= 0 and var carriage && carriage < first.Length - 1)
            _statistics.AddNote($"{Path}: lines end at LF or CR LF; CR alone, which the file has, ends none.");
        _start = mark;
        if (encoding is null or UTF8Encoding)
            return;
        _stream = new TranscodedStream(first[mark..].ToArray(), _stream, encoding);
        (_start, _end, _encoding, _atEnd) = (0, 0, encoding.WebName, false);
    }

    /// <summary>
    /// Refuses bytes without a byte-order mark that are no text, or that show another encoding than they are to be read in.
    /// </summary>
    private void Check(ReadOnlySpan<byte> first, Encoding? declared)
    {
        if (TextEncodings.Packing(first) is { } packing)
            throw new CorpusException(Path, null, $"the file must be text, but is {packing}. Unpack or convert it, or leave it out.");
        if ((declared is null or UTF8Encoding || declared.IsSingleByte) && TextEncodings.Likely(first) is { } likely)
        {
            throw new CorpusException(
                Path, null,
                $"the text must be {declared?.WebName ?? "UTF-8"}, but has so many NULs or other control characters that it seems to be "
                    + $"{likely} without a byte-order mark, or no text at all. Say the encoding (CorpusOptions.Encoding; "
                    + $"{likely}?), or leave the file out.");
        }

        if (declared is null or UTF8Encoding || !TextEncodings.IsUtf8(first, out bool isAscii))
            return;
        if (declared is UnicodeEncoding or UTF32Encoding && first.Length >= TextEncodings.Telling)
        {
            throw new CorpusException(
                Path, null,
                $"the text must be {declared.WebName}, but seems to be UTF-8. Say the right encoding (CorpusOptions.Encoding), or convert "
                    + "the file.");
        }

        if (!isAscii)
        {
            _statistics.AddNote(
                $"{Path}: the text is read as {declared.WebName}, but could be UTF-8 (CorpusOptions.Encoding says which).");
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _offset += _start;
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Grow();
        int read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _atEnd = read == 0;
    }

    private void Grow()
    {
        try
        {
            Array.Resize(ref _buffer, (int)Math.Min(_buffer.Length * 2L, Array.MaxLength));
        }
        catch (OutOfMemoryException exception)
        {
            throw new CorpusException(
                Path, Line + 1, string.Create(CultureInfo.InvariantCulture,
                    $"the line has more than {_buffer.Length:#,0} bytes, which the memory does not hold. Break it into lines."), exception);
        }
    }

    private CorpusException TooLong() => new(Path, Line + 1, string.Create(
        CultureInfo.InvariantCulture,
        $"the line has more than {_options.LongestText:#,0} bytes, which is the most that a text can have here. Break it into lines."));

    private string Decode(int start, int length)
    {
        if (length > _options.LongestText)
            throw TooLong();
        Line++;
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(start, length);
        if (bytes.EndsWith("\r"u8))
            bytes = bytes[..^1];
        if (_characters.Length < bytes.Length)
            _characters = new char[Math.Max(bytes.Length, (int)Math.Min(_characters.Length * 2L, _options.LongestText))];

        int written = 0;
        int position = 0;
        while (true)
        {
            OperationStatus status =
                Utf8.ToUtf16(bytes[position..], _characters.AsSpan(written), out int read, out int count, replaceInvalidSequences: false);
            position += read;
            written += count;
            if (status == OperationStatus.Done)
                return new string(_characters, 0, written);
            if (_options.InvalidUtf8 == InvalidUtf8Handling.Throw)
                throw Invalid(bytes[position], _offset + start + position);
            _statistics.AddInvalidSequence();
            Rune.DecodeFromUtf8(bytes[position..], out _, out int invalid);
            position += invalid;
            _characters[written++] = '\uFFFD';
        }
    }

    private CorpusException Invalid(byte value, long offset) => new(Path, Line, _stream is TranscodedStream
        ? $"the text must be {_encoding}, but the line has bytes that are not. Say another encoding (CorpusOptions.Encoding), correct "
            + "the file, or set CorpusOptions.InvalidUtf8 = Replace to read U+FFFD there."
        : string.Create(CultureInfo.InvariantCulture, $"the text must be UTF-8, but byte 0x{value:X2} at offset {offset} is not. ")
            + "Say the encoding (CorpusOptions.Encoding, such as windows-1252), convert the file, or set CorpusOptions.InvalidUtf8 = "
                + "Replace to read U+FFFD there.");
}
