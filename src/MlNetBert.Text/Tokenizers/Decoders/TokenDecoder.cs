using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>How tokens become a text again: the <c>decoder</c> of tokenizer.json. Immutable.</summary>
[Experimental("MLNETBERT001")]
public abstract record TokenDecoder
{
    private static readonly Dictionary<string, Func<JsonPart, TokenDecoder>> Readers = new(StringComparer.Ordinal)
    {
        ["BPEDecoder"] = part => new SuffixDecoder(part.OptionalString("suffix") ?? "</w>"),
        ["ByteFallback"] = _ => new ByteFallbackDecoder(),
        ["ByteLevel"] = ByteLevelDecoder.Of,
        ["Fuse"] = _ => new FuseDecoder(),
        ["Metaspace"] = MetaspaceDecoder.Of,
        ["Replace"] = ReplaceDecoder.Of,
        ["Sequence"] = SequenceDecoder.Of,
        ["Strip"] = StripDecoder.Of,
        ["WordPiece"] = WordPieceDecoder.Of,
    };

    private protected TokenDecoder()
    {
    }

    /// <summary>Reads one from tokenizer.json; null where there is none.</summary>
    internal static TokenDecoder? Read(JsonPart part) => part.OneOf(Readers);

    /// <summary>What each token adds to the text.</summary>
    internal abstract IEnumerable<string> Decode(IEnumerable<string> tokens);

    /// <summary>Writes its members, type first.</summary>
    internal abstract void Write(Utf8JsonWriter writer);
}
