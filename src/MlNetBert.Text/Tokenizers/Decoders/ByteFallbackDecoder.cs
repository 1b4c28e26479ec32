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

            foreach (string character in Take(bytes))
                yield return character;
            yield return token;
        }

        foreach (string character in Take(bytes))
            yield return character;
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "ByteFallback");

    /// <summary>The tokens that bytes in a row make, none of none.</summary>
    private static IEnumerable<string> Take(List<byte> bytes)
    {
        byte[] all = [.. bytes];
        bytes.Clear();
        return all.Length == 0 ? []
            : System.Text.Unicode.Utf8.IsValid(all) ? [Encoding.UTF8.GetString(all)]
            : Enumerable.Repeat("\uFFFD", all.Length);
    }
}
