using System.Text;

namespace MlNetBert.Cli.Output;

/// <summary>
/// Messages that are lost where they cannot be written: a full disk behind standard error, or a reader that is gone, costs no work.
/// </summary>
internal sealed class TolerantWriter(Stream stream) : TextWriter
{
    private readonly Lock _gate = new();

    public override Encoding Encoding { get; } = new UTF8Encoding(false);

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void WriteLine(string? value) => Write(value + Environment.NewLine);

    public override void Write(ReadOnlySpan<char> buffer)
    {
        var bytes = new byte[Encoding.GetByteCount(buffer)];
        Encoding.GetBytes(buffer, bytes);
        lock (_gate)
        {
            try
            {
                stream.Write(bytes);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException
                or OperationCanceledException)
            {
                // There is nobody to tell.
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            stream.Dispose();
        base.Dispose(disposing);
    }
}
