using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>
/// GPT-2's: the bytes that the characters of the tokens stand for, as UTF-8. A token with a character that stands for no byte, as an added
/// token may have it, is taken as it is; what is not valid becomes U+FFFD.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record ByteLevelDecoder : TokenDecoder
{
    /// <summary>A member of the format that means nothing in a decoder; it is kept.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool AddPrefixSpace { get; init; } = true;

    /// <summary>A member of the format that means nothing in a decoder; it is kept.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool TrimOffsets { get; init; } = true;

    /// <summary>A member of the format that means nothing in a decoder; it is kept.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool UseRegex { get; init; } = true;

    internal static ByteLevelDecoder Of(JsonPart part) => new()
    {
        AddPrefixSpace = part.OptionalBoolean("add_prefix_space") ?? true,
        TrimOffsets = part.OptionalBoolean("trim_offsets") ?? true,
        UseRegex = part.OptionalBoolean("use_regex") ?? true,
    };

    internal override IEnumerable<string> Decode(IEnumerable<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (string token in tokens)
            bytes.AddRange(ByteCharacters.Decode(token));
        yield return Encoding.UTF8.GetString([.. bytes]);
    }

    internal override void Write(Utf8JsonWriter writer) => writer.WriteByteLevel(AddPrefixSpace, TrimOffsets, UseRegex);
}
