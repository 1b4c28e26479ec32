using System.Text;

namespace MlNetBert.Text.Corpora;

/// <summary>
/// Text of another encoding as UTF-8. What is no text becomes the byte 0xFF, which is no UTF-8 either: so whoever reads lines finds, counts
/// or refuses it as in UTF-8 files.
/// </summary>
/// <param name="start">Bytes that were read already.</param>
/// <param name="rest">What follows them; disposed of with this stream.</param>
/// <param name="encoding">The encoding.</param>
internal sealed class TranscodedStream(byte[] start, Stream rest, Encoding encoding) : Stream
{
    private const char Invalid = '\uFFFF'; // a code point that no text has
    private const int ChunkSize = 1 << 16;
    private readonly Decoder _decoder = DecoderOf(encoding);
    private readonly Encoder _encoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetEncoder();
    private readonly byte[] _input = new byte[Math.Max(ChunkSize, start.Length)];
    private char[] _characters = [];
    private byte[] _output = [];
    private int _position;
    private int _length;
    private bool _begun;
    private bool _atEnd;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_position == _length && !_atEnd)
            Convert();
        int count = Math.Min(buffer.Length, _length - _position);
        _output.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rest.Dispose();
        base.Dispose(disposing);
    }

    private static Decoder DecoderOf(Encoding encoding)
    {
        var marking = (Encoding)encoding.Clone();
        marking.DecoderFallback = new DecoderReplacementFallback(Invalid.ToString());
        return marking.GetDecoder();
    }

    private void Convert()
    {
        int read = _begun ? rest.Read(_input) : start.Length;
        if (!_begun)
            start.CopyTo(_input, 0);
        _atEnd = _begun && read == 0;
        _begun = true;
        int most = _decoder.GetCharCount(_input, 0, read, flush: _atEnd);
        if (_characters.Length < most)
            _characters = new char[most];
        ReadOnlySpan<char> characters = _characters.AsSpan(0, _decoder.GetChars(_input, 0, read, _characters, 0, flush: _atEnd));
        if (_output.Length < (characters.Length + 1) * 3)
            _output = new byte[(characters.Length + 1) * 3];
        (_position, _length) = (0, 0);
        while (true)
        {
            int mark = characters.IndexOf(Invalid);
            ReadOnlySpan<char> part = mark < 0 ? characters : characters[..mark];
            _length += _encoder.GetBytes(part, _output.AsSpan(_length), flush: _atEnd || mark >= 0);
            if (mark < 0)
                return;
            _output[_length++] = 0xFF;
            characters = characters[(mark + 1)..];
        }
    }
}
