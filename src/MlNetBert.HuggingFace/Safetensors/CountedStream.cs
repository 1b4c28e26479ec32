namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>Passes writes on and refuses, before it is written, a byte more than a tensor has.</summary>
internal sealed class CountedStream(Stream inner, long limit, Func<long, Exception> tooMany) : Stream
{
    public long Written { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => Written;

    public override long Position
    {
        get => Written;
        set => throw new NotSupportedException("The tensor is written once, from its start.");
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > limit - Written)
            throw tooMany(Written + buffer.Length);
        inner.Write(buffer);
        Written += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The tensor is only written here.");

    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("The tensor is written once, from its start.");

    public override void SetLength(long value) => throw new NotSupportedException("The tensor's length is its shape's.");
}
