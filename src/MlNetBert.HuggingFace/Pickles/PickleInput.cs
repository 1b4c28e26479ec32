using System.Globalization;
using System.Text;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>
/// The bytes of a pickle, read in pieces as they are asked for: a pickle does not say how long it is, and the older format has values of
/// gigabytes behind it.
/// </summary>
/// <param name="bytes">The file.</param>
/// <param name="start">Where the pickle begins.</param>
/// <param name="end">Where it ends at the latest.</param>
/// <param name="file">The file, for messages.</param>
internal sealed class PickleInput(TensorBytes bytes, long start, long end, string file)
{
    private const int PieceLength = 1 << 16;
    private const int MostText = 1 << 20;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private byte[] _piece = [];
    private long _pieceStart = start;
    private int _at;

    /// <summary>Where the next byte is in the file.</summary>
    public long Position => _pieceStart + _at;

    /// <summary>How many bytes there are left, at most.</summary>
    public long Left => end - Position;

    /// <summary>The next bytes.</summary>
    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)Left)
            throw Damage(string.Create(CultureInfo.InvariantCulture,
                $"ends too early: at byte {Position} expected {count} more, found {Left}. Download or copy it again."));
        if (count > MostText)
            throw Damage(string.Create(CultureInfo.InvariantCulture,
                $"has a text of {count} bytes at byte {Position}; a name of a tensor has at most {MostText}."));
        if (count > (ulong)(_piece.Length - _at))
            Fill((int)count);
        var taken = _piece.AsSpan(_at, (int)count);
        _at += (int)count;
        return taken;
    }

    /// <summary>The next byte.</summary>
    public byte TakeByte() => Take(1)[0];

    /// <summary>The next bytes as a text.</summary>
    public string TakeText(ulong length)
    {
        try
        {
            return Utf8.GetString(Take(length));
        }
        catch (DecoderFallbackException exception)
        {
            throw new ModelFormatException(file, $"holds a text before byte {Position} that is not UTF-8.", exception);
        }
    }

    /// <summary>A text to the end of its line.</summary>
    public string TakeLine()
    {
        int length = _piece.AsSpan(_at).IndexOf((byte)'\n');
        if (length < 0)
        {
            Fill(0);
            length = _piece.AsSpan().IndexOf((byte)'\n');
        }

        if (length < 0)
            throw Damage($"has a name without an end at byte {Position}. Download or copy it again.");
        string line = TakeText((ulong)length);
        _at++;
        return line;
    }

    private void Fill(int count)
    {
        _pieceStart = Position;
        _at = 0;
        _piece = bytes.Slice(_pieceStart, (int)Math.Min(Math.Max(count, PieceLength), end - _pieceStart)).ToArray();
    }

    private ModelFormatException Damage(string message) => new(file, message);
}
