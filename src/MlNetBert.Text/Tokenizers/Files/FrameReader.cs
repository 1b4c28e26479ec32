namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>
/// Reads the post-processor of tokenizer.json, which must frame texts as BERT does, [CLS] A [SEP] and [CLS] A [SEP] B [SEP]; the type ids
/// of a pair are its own.
/// </summary>
internal static class FrameReader
{
    public static (string Classification, string Separator, PairTypes PairTypes) Read(JsonPart part, TokenizerVocabulary vocabulary)
    {
        if (part.IsNull)
            throw part.Fail("is null: a tokenizer that frames texts with no special tokens is not supported");
        JsonPart type = part.Required("type");
        switch (type.String())
        {
            case "BertProcessing":
                return (ReadPair(part.Required("cls"), vocabulary), ReadPair(part.Required("sep"), vocabulary), PairTypes.Bert);
            case "TemplateProcessing":
                return ReadTemplate(part, vocabulary);
            case var other:
                throw type.Fail($"must be TemplateProcessing or BertProcessing, but is {other}, which is not supported");
        }
    }

    private static (string Classification, string Separator, PairTypes PairTypes) ReadTemplate(JsonPart part,
        TokenizerVocabulary vocabulary)
    {
        JsonPart single = part.Required("single");
        TemplatePart[] parts = [.. single.Items().Select(TemplatePart.Of)];
        if (parts
            is not [{ IsSpecial: true, TypeId: 0 } first, { IsSpecial: false, Name: "A", TypeId: 0 }, { IsSpecial: true, TypeId: 0 } last])
            throw single.Fail($"must be [CLS] A [SEP], all of type 0, but is {string.Join(' ', parts)}");
        JsonPart pair = part.Required("pair");
        TemplatePart[] pairParts = [.. pair.Items().Select(TemplatePart.Of)];
        TemplatePart[] expected = [first, parts[1], last, new("B", 1, IsSpecial: false), last with { TypeId = 1 }];
        if (!pairParts.Select(found => found with { TypeId = 0 }).SequenceEqual(expected.Select(wanted => wanted with { TypeId = 0 }))
            || pairParts.Any(found => found.TypeId < 0))
            throw pair.Fail(
                $"must be {string.Join<TemplatePart>(' ', expected)}, whatever the type ids, but is "
                    + $"{string.Join<TemplatePart>(' ', pairParts)}");
        JsonPart special = part.Required("special_tokens");
        return (
            ReadSpecial(special.Required(first.Name), vocabulary),
            ReadSpecial(special.Required(last.Name), vocabulary),
            new PairTypes(pairParts[0].TypeId, pairParts[1].TypeId, pairParts[2].TypeId, pairParts[3].TypeId, pairParts[4].TypeId));
    }

    private static string ReadPair(JsonPart part, TokenizerVocabulary vocabulary)
    {
        JsonPart[] items = [.. part.Items()];
        if (items.Length != 2)
            throw part.Fail("must be a token and its id");
        return Check(items[0].String(), items[1], vocabulary);
    }

    private static string ReadSpecial(JsonPart part, TokenizerVocabulary vocabulary)
    {
        JsonPart[] tokens = [.. part.Required("tokens").Items()];
        JsonPart[] tokenIds = [.. part.Required("ids").Items()];
        if (tokens.Length != 1 || tokenIds.Length != 1)
            throw part.Fail("must stand for one token, which alone is supported");
        return Check(tokens[0].String(), tokenIds[0], vocabulary);
    }

    private static string Check(string token, JsonPart id, TokenizerVocabulary vocabulary)
    {
        if (!vocabulary.TryGetId(token, out int expected))
            throw id.Fail($"belongs to '{token}', which is not in the vocabulary");
        if (id.Integer() != expected)
            throw id.Fail(FormattableString.Invariant($"is {id.Integer()}, but '{token}' is {expected} in the vocabulary"));
        return token;
    }

    /// <summary>A part of a template: a sequence or a special token, and its type id.</summary>
    private sealed record TemplatePart(string Name, int TypeId, bool IsSpecial)
    {
        public static TemplatePart Of(JsonPart item)
        {
            JsonPart sequence = item.Optional("Sequence");
            JsonPart inner = sequence.IsNull ? item.Required("SpecialToken") : sequence;
            return new TemplatePart(inner.Required("id").String(), inner.Required("type_id").Integer(), sequence.IsNull);
        }

        public override string ToString() => FormattableString.Invariant($"{Name}:{TypeId}");
    }
}
