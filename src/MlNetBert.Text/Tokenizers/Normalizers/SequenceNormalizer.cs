using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>Several normalizers, one behind the other.</summary>
/// <param name="Normalizers">The normalizers, the first first.</param>
[Experimental("MLNETBERT001")]
public sealed record SequenceNormalizer(IReadOnlyList<TextNormalizer> Normalizers) : TextNormalizer
{
    internal override bool LowersCase => Normalizers.Any(normalizer => normalizer.LowersCase);

    internal override bool StripsAccents => Normalizers.Any(normalizer => normalizer.StripsAccents);

    /// <summary>A sequence as tokenizer.json has it; one of a single normalizer is that normalizer.</summary>
    internal static TextNormalizer Of(JsonPart part)
    {
        TextNormalizer[] normalizers = part.Required("normalizers").Pieces(Read);
        return normalizers is [var only] ? only : new SequenceNormalizer(normalizers);
    }

    internal override string? Joined =>
        Normalizers.All(normalizer => normalizer.Joined is not null)
            ? string.Concat(Normalizers.Select(normalizer => normalizer.Joined))
            : null;

    internal override TextNormalizer? Following => Normalizers.Any(normalizer => normalizer.Following != normalizer)
        ? new SequenceNormalizer([.. Normalizers.Select(normalizer => normalizer.Following).OfType<TextNormalizer>()])
        : this;

    internal override bool MayChange(ReadOnlySpan<char> text)
    {
        foreach (TextNormalizer normalizer in Normalizers)
        {
            if (normalizer.MayChange(text))
                return true;
        }

        return false;
    }

    internal override bool MovesPlaces(AlignedText text)
    {
        int last = Normalizers.ToList().FindLastIndex(normalizer => normalizer is PrecompiledNormalizer or SequenceNormalizer);
        for (int i = 0; i <= last; text = Normalizers[i++].Normalize(text))
        {
            if (Normalizers[i].MovesPlaces(text))
                return true;
        }

        return false;
    }

    internal override AlignedText Normalize(AlignedText text) =>
        Normalizers.Aggregate(text, (normalized, normalizer) => normalizer.Normalize(normalized));

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "Sequence");
        writer.WritePieces("normalizers", Normalizers, normalizer => normalizer.Write(writer));
    }
}
