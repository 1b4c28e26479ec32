using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>
/// Makes characters of tokens that stand for bytes, such as "&lt;0xC3&gt;"; where the bytes in a row are not UTF-8, each gives U+FFFD.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record ByteFallbackDecoder : TokenDecoder
{
    internal override IEnumerable<string> Decode(IEnumerable<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (string token in tokens)
        {
            if (ByteCharacters.TryGetNamed(token, out byte value))
            {
                bytes.Add(value);
                continue;
            }

            yield return Text(bytes);
            bytes.Clear();
            yield return token;
        }

        yield return Text(bytes);
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "ByteFallback");

    private static string Text(List<byte> bytes)
    {
        byte[] all = [.. bytes];
        return System.Text.Unicode.Utf8.IsValid(all) ? Encoding.UTF8.GetString(all) : new string('\uFFFD', all.Length);
    }
}
