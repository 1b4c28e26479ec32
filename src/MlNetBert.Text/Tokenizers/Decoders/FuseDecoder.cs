using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>Makes one token of all: sets them one behind the other, with nothing in between.</summary>
[Experimental("MLNETBERT001")]
public sealed record FuseDecoder : TokenDecoder
{
    internal override IEnumerable<string> Decode(IEnumerable<string> tokens) => [string.Concat(tokens)];

    internal override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "Fuse");
}
