namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Reads the post-processor of tokenizer.json, which must frame texts as BERT does: [CLS] A [SEP] and [CLS] A [SEP] B [SEP].</summary>
internal static class FrameReader
{
    public static (string Classification, string Separator) Read(JsonPart part, IReadOnlyDictionary<string, int> ids)
    {
        if (part.IsNull)
            throw part.Fail("is null: a tokenizer that frames texts with no special tokens is not supported");
        JsonPart type = part.Required("type");
        switch (type.String())
        {
            case "BertProcessing":
                return (ReadPair(part.Required("cls"), ids), ReadPair(part.Required("sep"), ids));
            case "TemplateProcessing":
                return ReadTemplate(part, ids);
            case var other:
                throw type.Fail($"must be TemplateProcessing or BertProcessing, but is {other}, which is not supported");
        }
    }

    private static (string Classification, string Separator) ReadTemplate(JsonPart part, IReadOnlyDictionary<string, int> ids)
    {
        JsonPart single = part.Required("single");
        string[] parts = [.. single.Items().Select(Describe)];
        if (parts is not [var first, "A0", var last] || !IsSpecial(first, 0) || !IsSpecial(last, 0))
            throw single.Fail($"must be [CLS] A [SEP], all of type 0, but is {string.Join(' ', parts)}");
        JsonPart pair = part.Required("pair");
        string[] pairParts = [.. pair.Items().Select(Describe)];
        string[] expected = [first, "A0", last, "B1", last[..^1] + "1"];
        if (!pairParts.SequenceEqual(expected, StringComparer.Ordinal))
            throw pair.Fail($"must be {string.Join(' ', expected)}, but is {string.Join(' ', pairParts)}");
        JsonPart special = part.Required("special_tokens");
        return (ReadSpecial(special.Required(first[1..^1]), ids), ReadSpecial(special.Required(last[1..^1]), ids));
    }

    private static string ReadPair(JsonPart part, IReadOnlyDictionary<string, int> ids)
    {
        JsonPart[] items = [.. part.Items()];
        if (items.Length != 2)
            throw part.Fail("must be a token and its id");
        return Check(items[0].String(), items[1], ids);
    }

    private static string ReadSpecial(JsonPart part, IReadOnlyDictionary<string, int> ids)
    {
        JsonPart[] tokens = [.. part.Required("tokens").Items()];
        JsonPart[] tokenIds = [.. part.Required("ids").Items()];
        if (tokens.Length != 1 || tokenIds.Length != 1)
            throw part.Fail("must stand for one token, which alone is supported");
        return Check(tokens[0].String(), tokenIds[0], ids);
    }

    private static string Check(string token, JsonPart id, IReadOnlyDictionary<string, int> ids)
    {
        if (!ids.TryGetValue(token, out int expected))
            throw id.Fail($"belongs to '{token}', which is not in the vocabulary");
        if (id.Integer() != expected)
            throw id.Fail(FormattableString.Invariant($"is {id.Integer()}, but '{token}' is {expected} in the vocabulary"));
        return token;
    }

    /// <summary>A sequence as «A0», a special token as «$[CLS]0»: its name and its type id.</summary>
    private static string Describe(JsonPart item)
    {
        JsonPart sequence = item.Optional("Sequence");
        JsonPart inner = sequence.IsNull ? item.Required("SpecialToken") : sequence;
        string name = inner.Required("id").String();
        return FormattableString.Invariant($"{(sequence.IsNull ? "$" : string.Empty)}{name}{inner.Required("type_id").Integer()}");
    }

    private static bool IsSpecial(string part, int typeId) => part.Length > 2 && part[0] == '$' && part[^1] == '0' + typeId;
}
