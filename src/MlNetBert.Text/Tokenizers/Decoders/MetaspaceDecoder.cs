using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Decoders;

/// <summary>Makes blanks of SentencePiece's marks; those of the first token are dropped where a mark was set before the text.</summary>
[Experimental("MLNETBERT001")]
public sealed record MetaspaceDecoder : TokenDecoder
{
    /// <summary>The character that stands for a blank.</summary>
    /// <value>"▁" (U+2581) by default.</value>
    public Rune Replacement { get; init; } = new(Metaspaces.Mark);

    /// <summary>Which parts of a text got the mark before them.</summary>
    /// <value><see cref="PrependScheme.Always"/> by default.</value>
    public PrependScheme Prepend { get; init; }

    /// <summary>A member of the format that means nothing in a decoder; it is kept.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool Cuts { get; init; } = true;

    internal static MetaspaceDecoder Of(JsonPart part)
    {
        var read = Metaspaces.Read(part);
        return new MetaspaceDecoder { Replacement = read.Replacement, Prepend = read.Prepend, Cuts = read.Split };
    }

    internal override IEnumerable<string> Decode(IEnumerable<string> tokens)
    {
        string mark = Replacement.ToString();
        bool drops = Prepend != PrependScheme.Never;
        foreach (string token in tokens)
        {
            yield return token.Replace(mark, drops ? string.Empty : " ", StringComparison.Ordinal);
            drops = false;
        }
    }

    internal override void Write(Utf8JsonWriter writer) => new Metaspaces(Replacement, Prepend, Cuts).Write(writer);
}
