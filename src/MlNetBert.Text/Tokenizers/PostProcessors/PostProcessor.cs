using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.PostProcessors;

/// <summary>The <c>post_processor</c> of tokenizer.json: where special tokens stand around one text and around a pair.</summary>
internal static class PostProcessor
{
    /// <summary>Reads the template, and what trims places.</summary>
    public static (SpecialTokenTemplate Template, OffsetTrimming? Trimming) Read(JsonPart part, TokenizerVocabulary vocabulary)
    {
        PostProcessing found = ReadOne(part, vocabulary);
        return (found.Template ?? SpecialTokenTemplate.None, found.Trimming);
    }

    /// <summary>Writes a template and what trims places; null for one that adds nothing, and nothing that trims.</summary>
    public static void Write(
        Utf8JsonWriter writer, SpecialTokenTemplate template, OffsetTrimming? trimming, IReadOnlyList<string> vocabulary)
    {
        bool isEmpty = template is { AddedCount: 0, PairAddedCount: 0, FirstTypeId: 0, SecondTypeId: 1 };
        writer.WritePropertyName("post_processor");
        if (trimming is not null && template.AsRoberta() is { } roberta)
        {
            WriteRoberta(writer, roberta, trimming, vocabulary);
        }
        else if (trimming is not null && !isEmpty)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "Sequence");
            writer.WriteStartArray("processors");
            WriteTrimming(writer, trimming);
            WriteTemplate(writer, template, vocabulary);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        else if (trimming is not null)
        {
            WriteTrimming(writer, trimming);
        }
        else if (isEmpty)
        {
            writer.WriteNullValue();
        }
        else
        {
            WriteTemplate(writer, template, vocabulary);
        }
    }

    private static PostProcessing ReadOne(JsonPart part, TokenizerVocabulary vocabulary) =>
        part.OneOf(new Dictionary<string, Func<JsonPart, PostProcessing>>(StringComparer.Ordinal)
        {
            ["BertProcessing"] = found =>
                new(ReadPairs(found, vocabulary, (first, second) => SpecialTokenTemplate.CreateBert(first, second)), null),
            ["ByteLevel"] = found => new(null, ReadTrimming(found)),
            ["RobertaProcessing"] = found =>
                new(ReadPairs(found, vocabulary, SpecialTokenTemplate.CreateRoberta), ReadTrimming(found)),
            ["Sequence"] = found => ReadSequence(found, vocabulary),
            ["TemplateProcessing"] = found => new(ReadTemplate(found, vocabulary), null),
        }) ?? new(null, null);

    private static PostProcessing ReadSequence(JsonPart part, TokenizerVocabulary vocabulary)
    {
        var all = new PostProcessing(null, null);
        foreach (JsonPart item in part.Required("processors").Items())
        {
            PostProcessing one = ReadOne(item, vocabulary);
            if ((all.Template is not null && one.Template is not null) || (all.Trimming is not null && one.Trimming is not null))
                throw item.Fail("does once more what one before it does, which is not supported");
            all = new(all.Template ?? one.Template, all.Trimming ?? one.Trimming);
        }

        return all;
    }

    private static OffsetTrimming? ReadTrimming(JsonPart part)
    {
        bool addsSpace = part.OptionalBoolean("add_prefix_space") ?? true;
        return part.OptionalBoolean("trim_offsets") ?? true ? new OffsetTrimming(addsSpace) : null;
    }

    private static void WriteTrimming(Utf8JsonWriter writer, OffsetTrimming trimming)
    {
        writer.WriteStartObject();
        writer.WriteByteLevel(trimming.AddPrefixSpace, trimOffsets: true, useRegex: true);
        writer.WriteEndObject();
    }

    private static void WriteRoberta(
        Utf8JsonWriter writer, (int Classification, int Separator) tokens, OffsetTrimming trimming, IReadOnlyList<string> vocabulary)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "RobertaProcessing");
        WriteToken("sep", tokens.Separator);
        WriteToken("cls", tokens.Classification);
        writer.WriteBoolean("trim_offsets", true);
        writer.WriteBoolean("add_prefix_space", trimming.AddPrefixSpace);
        writer.WriteEndObject();

        void WriteToken(string name, int id)
        {
            writer.WriteStartArray(name);
            writer.WriteStringValue(vocabulary[id]);
            writer.WriteNumberValue(id);
            writer.WriteEndArray();
        }
    }

    private static void WriteTemplate(Utf8JsonWriter writer, SpecialTokenTemplate template, IReadOnlyList<string> vocabulary)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "TemplateProcessing");
        WriteParts("single", [.. Tokens(template.Before), new("A", 0, true), .. Tokens(template.After)]);
        WriteParts(
            "pair",
            [
                .. Tokens(template.PairBefore), new("A", template.FirstTypeId, true), .. Tokens(template.PairBetween),
                new("B", template.SecondTypeId, true), .. Tokens(template.PairAfter),
            ]);
        writer.WriteStartObject("special_tokens");
        foreach (int id in template.TokenIds)
        {
            writer.WriteStartObject(vocabulary[id]);
            writer.WriteString("id", vocabulary[id]);
            writer.WriteStartArray("ids");
            writer.WriteNumberValue(id);
            writer.WriteEndArray();
            writer.WriteStartArray("tokens");
            writer.WriteStringValue(vocabulary[id]);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();

        IEnumerable<TemplatePart> Tokens(IEnumerable<TemplateToken> tokens) =>
            tokens.Select(token => new TemplatePart(vocabulary[token.Id], token.TypeId, false));

        void WriteParts(string name, TemplatePart[] parts)
        {
            writer.WriteStartArray(name);
            foreach (TemplatePart part in parts)
            {
                writer.WriteStartObject();
                writer.WriteStartObject(part.IsText ? "Sequence" : "SpecialToken");
                writer.WriteString("id", part.Name);
                writer.WriteNumber("type_id", part.TypeId);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }
    }

    private static SpecialTokenTemplate ReadPairs(
        JsonPart part, TokenizerVocabulary vocabulary, Func<int, int, SpecialTokenTemplate> create) =>
        create(ReadPair(part.Required("cls"), vocabulary), ReadPair(part.Required("sep"), vocabulary));

    private static SpecialTokenTemplate ReadTemplate(JsonPart part, TokenizerVocabulary vocabulary)
    {
        JsonPart single = part.Required("single");
        TemplatePart[] parts = [.. single.Items().Select(TemplatePart.Of)];
        int text = Array.FindIndex(parts, found => found.IsText);
        if (parts.Count(found => found.IsText) != 1 || parts[text].Name is not "A" || parts[text].TypeId != 0
            || parts.Any(found => found.TypeId < 0))
            throw single.Fail($"must have A once, of type 0, and no B, but is {string.Join<TemplatePart>(' ', parts)}");
        JsonPart pair = part.Required("pair");
        TemplatePart[] pairParts = [.. pair.Items().Select(TemplatePart.Of)];
        string texts = string.Concat(pairParts.Where(found => found.IsText).Select(found => found.Name));
        if (texts is not "AB" || pairParts.Any(found => found.TypeId < 0))
            throw pair.Fail($"must have A once and B once behind it, but is {string.Join<TemplatePart>(' ', pairParts)}");
        int first = Array.FindIndex(pairParts, found => found.IsText);
        int second = Array.FindLastIndex(pairParts, found => found.IsText);
        JsonPart special = part.Required("special_tokens");
        return new SpecialTokenTemplate
        {
            Before = Tokens(parts[..text]),
            After = Tokens(parts[(text + 1)..]),
            PairBefore = Tokens(pairParts[..first]),
            PairBetween = Tokens(pairParts[(first + 1)..second]),
            PairAfter = Tokens(pairParts[(second + 1)..]),
            FirstTypeId = pairParts[first].TypeId,
            SecondTypeId = pairParts[second].TypeId,
        };

        TemplateToken[] Tokens(TemplatePart[] named) =>
        [
            .. named.SelectMany(
                found => ReadSpecial(special.Required(found.Name), vocabulary).Select(id => new TemplateToken(id, found.TypeId))),
        ];
    }

    private static int ReadPair(JsonPart part, TokenizerVocabulary vocabulary)
    {
        JsonPart[] items = [.. part.Items()];
        if (items.Length != 2)
            throw part.Fail("must be a token and its id");
        return Check(items[0].GetString(), items[1], vocabulary);
    }

    /// <summary>The ids that a name of a template stands for: of one token, or of several in a row.</summary>
    private static int[] ReadSpecial(JsonPart part, TokenizerVocabulary vocabulary)
    {
        JsonPart[] tokens = [.. part.Required("tokens").Items()];
        JsonPart[] tokenIds = [.. part.Required("ids").Items()];
        if (tokens.Length != tokenIds.Length)
            throw part.Fail("must have as many tokens as ids");
        return [.. tokens.Zip(tokenIds, (token, id) => Check(token.GetString(), id, vocabulary))];
    }

    private static int Check(string token, JsonPart id, TokenizerVocabulary vocabulary)
    {
        if (!vocabulary.TryGetId(token, out int expected))
            throw id.Fail($"belongs to '{token}', which is not in the vocabulary");
        if (id.GetInteger() != expected)
            throw id.Fail(FormattableString.Invariant($"is {id.GetInteger()}, but '{token}' is {expected} in the vocabulary"));
        return expected;
    }

    /// <summary>What a post-processor does; null for what it does not.</summary>
    private sealed record PostProcessing(SpecialTokenTemplate? Template, OffsetTrimming? Trimming);

    /// <summary>A part of a template: a text or a special token, and its type id.</summary>
    private sealed record TemplatePart(string Name, int TypeId, bool IsText)
    {
        public static TemplatePart Of(JsonPart item)
        {
            JsonPart text = item.Optional("Sequence");
            JsonPart inner = text.IsNull ? item.Required("SpecialToken") : text;
            return new TemplatePart(inner.Required("id").GetString(), inner.Required("type_id").GetInteger(), !text.IsNull);
        }

        public override string ToString() => FormattableString.Invariant($"{Name}:{TypeId}");
    }
}
