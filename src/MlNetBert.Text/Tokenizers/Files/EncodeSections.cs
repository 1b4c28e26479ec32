using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>The <c>truncation</c> and <c>padding</c> of tokenizer.json.</summary>
internal static class EncodeSections
{
    /// <summary>Reads both; null stands for neither.</summary>
    public static EncodeOptions Read(JsonPart truncation, JsonPart padding)
    {
        var options = new EncodeOptions();
        if (!truncation.IsNull)
        {
            options = options with
            {
                MaxLength = Length(truncation.Required("max_length")),
                Truncation = truncation.Required("strategy").GetNamed<TruncationStrategy>(),
                TruncationSide = truncation.Optional("direction") is { IsNull: false } direction
                    ? direction.GetNamed<SequenceSide>()
                    : SequenceSide.Right,
            };
        }

        return padding.IsNull ? options : options with
        {
            PaddingLength = PaddingLength(padding),
            PaddingSide = padding.Required("direction").GetNamed<SequenceSide>(),
        };
    }

    /// <summary>The token to pad with, where the vocabulary has it with the id that is said; else null.</summary>
    public static string? PaddingToken(JsonPart padding, TokenizerVocabulary vocabulary) =>
        !padding.IsNull && padding.Required("pad_token").GetString() is var token && vocabulary.TryGetId(token, out int id)
            && id == padding.Required("pad_id").GetInteger()
                ? token
                : null;

    /// <summary>A fixed length, up to the next multiple; null for the longest of a batch, which a text alone does not tell.</summary>
    private static int? PaddingLength(JsonPart padding)
    {
        JsonPart strategy = padding.Required("strategy");
        JsonPart multiple = padding.Optional("pad_to_multiple_of");
        int step = multiple.IsNull ? 1 : Math.Max(1, Length(multiple));
        if (strategy.IsObject)
            return (Length(strategy.Required("Fixed")) + step - 1) / step * step;
        return strategy.GetString() == "BatchLongest" ? null : throw strategy.Fail("must be BatchLongest or {\"Fixed\": length}");
    }

    private static int Length(JsonPart part) =>
        part.Element.ValueKind == JsonValueKind.Number && part.Element.TryGetInt64(out long length) && length >= 0
            ? (int)Math.Min(length, int.MaxValue / 2) // tokenizers takes any: no text is longer
            : throw part.Fail("must be a whole number, at least 0");
}
