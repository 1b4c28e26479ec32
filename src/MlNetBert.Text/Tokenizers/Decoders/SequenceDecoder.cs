using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>Several decoders, each of which gets the tokens of the one before it.</summary>
/// <param name="Decoders">The decoders, the first first.</param>
[Experimental("MLNETBERT001")]
public sealed record SequenceDecoder(IReadOnlyList<TokenDecoder> Decoders) : TokenDecoder
{
    internal static SequenceDecoder Of(JsonPart part) =>
        new(part.Required("decoders").Pieces(Read));

    internal override IEnumerable<string> Decode(IEnumerable<string> tokens) =>
        Decoders.Aggregate(tokens, (decoded, decoder) => decoder.Decode(decoded));

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Sequence");
        writer.WritePieces("decoders", Decoders, piece => piece.Write(writer));
    }
}
