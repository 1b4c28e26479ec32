using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MlNetBert.Text.Corpora;

/// <summary>Reads the lines of a UTF-8 file and knows where it is, so that bytes that are not UTF-8 can be told. Lines end at LF or CR LF.</summary>
internal sealed class Utf8LineReader : IDisposable
{
    private readonly FileStream _stream;
    private readonly CorpusOptions _options;
    private readonly CorpusStatistics _statistics;
    private byte[] _buffer = new byte[1 << 17];
    private char[] _characters = new char[1 << 12];
    private int _start;
    private int _end;
    private long _offset; // of _buffer[0] in the file
    private bool _atEnd;

    public Utf8LineReader(string path, CorpusOptions options, CorpusStatistics statistics)
    {
        _stream = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        _options = options;
        _statistics = statistics;
        Path = path;
    }

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
            Array.Resize(ref _buffer, checked(_buffer.Length * 2));
        int read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _atEnd = read == 0;
        if (_offset == 0 && Line == 0 && _end >= 3 && _buffer.AsSpan().StartsWith("\uFEFF"u8))
            _start = 3;
    }

    private string Decode(int start, int length)
    {
        Line++;
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(start, length);
        if (bytes.EndsWith("\r"u8))
            bytes = bytes[..^1];
        if (_characters.Length < bytes.Length)
            _characters = new char[Math.Max(bytes.Length, _characters.Length * 2)];

        int written = 0;
        int position = 0;
        while (true)
        {
            OperationStatus status = Utf8.ToUtf16(bytes[position..], _characters.AsSpan(written), out int read, out int count, replaceInvalidSequences: false);
            position += read;
            written += count;
            if (status == OperationStatus.Done)
                return new string(_characters, 0, written);
            if (_options.InvalidUtf8 == InvalidUtf8Handling.Refuse)
            {
                throw new CorpusException(Path, Line, string.Create(
                    CultureInfo.InvariantCulture,
                    $"the text must be UTF-8, but byte 0x{bytes[position]:X2} at offset {_offset + start + position} is not. Convert the file, or set CorpusOptions.InvalidUtf8 to Replace."));
            }

            _statistics.AddInvalidSequence();
            Rune.DecodeFromUtf8(bytes[position..], out _, out int invalid);
            position += invalid;
            _characters[written++] = '\uFFFD';
        }
    }
}
