namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Reads the post-processor of tokenizer.json: where special tokens stand around one text and around a pair.</summary>
internal static class PostProcessorReader
{
    public static FoundTemplate Read(JsonPart part, TokenizerVocabulary vocabulary)
    {
        if (part.IsNull)
            return new FoundTemplate(SpecialTokenTemplate.None, null, null);
        JsonPart type = part.Required("type");
        return type.String() switch
        {
            "BertProcessing" => ReadPairs(part, vocabulary, SpecialTokenTemplate.CreateBert),
            "RobertaProcessing" => ReadPairs(part, vocabulary, CreateRoberta),
            "TemplateProcessing" => ReadTemplate(part, vocabulary),
            var other => throw type.Fail(
                $"must be TemplateProcessing, BertProcessing or RobertaProcessing, but is {other}, which is not supported"),
        };
    }

    /// <summary>RoBERTa's: two tokens between a pair, and no types.</summary>
    private static SpecialTokenTemplate CreateRoberta(int? classification, int? separator)
    {
        TemplateToken[] before = [new(classification!.Value, 0)];
        TemplateToken[] after = [new(separator!.Value, 0)];
        return new SpecialTokenTemplate
        {
            Before = before,
            After = after,
            PairBefore = before,
            PairBetween = [.. after, .. after],
            PairAfter = after,
        };
    }

    private static FoundTemplate ReadPairs(
        JsonPart part, TokenizerVocabulary vocabulary, Func<int?, int?, SpecialTokenTemplate> create)
    {
        (string classification, int first) = ReadPair(part.Required("cls"), vocabulary);
        (string separator, int last) = ReadPair(part.Required("sep"), vocabulary);
        return new FoundTemplate(create(first, last), classification, separator);
    }

    private static FoundTemplate ReadTemplate(JsonPart part, TokenizerVocabulary vocabulary)
    {
        JsonPart single = part.Required("single");
        TemplatePart[] parts = [.. single.Items().Select(TemplatePart.Of)];
        int text = Array.FindIndex(parts, found => found.IsText);
        if (parts.Count(found => found.IsText) != 1 || parts[text].Name is not "A" || parts.Any(found => found.TypeId != 0))
            throw single.Fail($"must have A once and no B, all of type 0, but is {string.Join<TemplatePart>(' ', parts)}");
        JsonPart pair = part.Required("pair");
        TemplatePart[] pairParts = [.. pair.Items().Select(TemplatePart.Of)];
        string texts = string.Concat(pairParts.Where(found => found.IsText).Select(found => found.Name));
        if (texts is not "AB" || pairParts.Any(found => found.TypeId < 0))
            throw pair.Fail($"must have A once and B once behind it, but is {string.Join<TemplatePart>(' ', pairParts)}");
        int first = Array.FindIndex(pairParts, found => found.IsText);
        int second = Array.FindLastIndex(pairParts, found => found.IsText);
        JsonPart special = part.Required("special_tokens");
        var template = new SpecialTokenTemplate
        {
            Before = Tokens(parts[..text]),
            After = Tokens(parts[(text + 1)..]),
            PairBefore = Tokens(pairParts[..first]),
            PairBetween = Tokens(pairParts[(first + 1)..second]),
            PairAfter = Tokens(pairParts[(second + 1)..]),
            FirstTypeId = pairParts[first].TypeId,
            SecondTypeId = pairParts[second].TypeId,
        };
        return template is { Before: [var opening], After: [var closing] }
            ? new FoundTemplate(template, vocabulary.Pieces[opening.Id], vocabulary.Pieces[closing.Id])
            : new FoundTemplate(template, null, null);

        TemplateToken[] Tokens(TemplatePart[] named) =>
        [
            .. named.SelectMany(
                found => ReadSpecial(special.Required(found.Name), vocabulary).Select(id => new TemplateToken(id, found.TypeId))),
        ];
    }

    private static (string Token, int Id) ReadPair(JsonPart part, TokenizerVocabulary vocabulary)
    {
        JsonPart[] items = [.. part.Items()];
        if (items.Length != 2)
            throw part.Fail("must be a token and its id");
        string token = items[0].String();
        return (token, Check(token, items[1], vocabulary));
    }

    /// <summary>The ids that a name of a template stands for: of one token, or of several in a row.</summary>
    private static int[] ReadSpecial(JsonPart part, TokenizerVocabulary vocabulary)
    {
        JsonPart[] tokens = [.. part.Required("tokens").Items()];
        JsonPart[] tokenIds = [.. part.Required("ids").Items()];
        if (tokens.Length != tokenIds.Length)
            throw part.Fail("must have as many tokens as ids");
        return [.. tokens.Zip(tokenIds, (token, id) => Check(token.String(), id, vocabulary))];
    }

    private static int Check(string token, JsonPart id, TokenizerVocabulary vocabulary)
    {
        if (!vocabulary.TryGetId(token, out int expected))
            throw id.Fail($"belongs to '{token}', which is not in the vocabulary");
        if (id.Integer() != expected)
            throw id.Fail(FormattableString.Invariant($"is {id.Integer()}, but '{token}' is {expected} in the vocabulary"));
        return expected;
    }

    /// <summary>A part of a template: a text or a special token, and its type id.</summary>
    private sealed record TemplatePart(string Name, int TypeId, bool IsText)
    {
        public static TemplatePart Of(JsonPart item)
        {
            JsonPart text = item.Optional("Sequence");
            JsonPart inner = text.IsNull ? item.Required("SpecialToken") : text;
            return new TemplatePart(inner.Required("id").String(), inner.Required("type_id").Integer(), !text.IsNull);
        }

        public override string ToString() => FormattableString.Invariant($"{Name}:{TypeId}");
    }
}
