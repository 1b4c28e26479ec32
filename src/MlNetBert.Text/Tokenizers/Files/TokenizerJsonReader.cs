using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>
/// Reads tokenizer.json: WordPiece with BERT's normaliser, pre-tokenizer. Whatever else it asks for is refused by name.
/// </summary>
internal static class TokenizerJsonReader
{
    public static TokenizerDescription Read(ReadOnlyMemory<byte> bytes, string file)
    {
        JsonPart root = JsonPart.Parse(bytes, file);
        JsonPart model = root.Required("model");
        RequireType(model, "WordPiece", optional: true);
        TokenizerVocabulary vocabulary = ReadVocabulary(model.Required("vocab"));
        var added = new AddedTokenList(vocabulary);
        added.Add(ReadAddedTokens(root.Optional("added_tokens")));

        JsonPart normalizer = root.Optional("normalizer");
        bool composes = TakeComposition(ref normalizer);
        if (!normalizer.IsNull)
            RequireType(normalizer, "BertNormalizer");
        JsonPart preTokenizer = root.Required("pre_tokenizer");
        RequireType(preTokenizer, "BertPreTokenizer");
        JsonPart decoder = root.Optional("decoder");
        if (!decoder.IsNull)
            RequireType(decoder, "WordPiece");
        FoundTemplate found = PostProcessorReader.Read(root.Required("post_processor"), vocabulary);

        bool Normalizes(string name) => !normalizer.IsNull && normalizer.Required(name).Boolean();
        JsonPart strip = normalizer.IsNull ? default : normalizer.Optional("strip_accents");
        string prefix = Text(model, "continuing_subword_prefix") ?? "##";
        string? decoderPrefix = decoder.IsNull ? null : Text(decoder, "prefix");
        if (decoderPrefix is not null && !string.Equals(decoderPrefix, prefix, StringComparison.Ordinal))
            throw decoder.Required("prefix").Fail($"is '{decoderPrefix}', but model.continuing_subword_prefix is '{prefix}'");

        return new TokenizerDescription
        {
            Vocabulary = vocabulary,
            AddedTokens = added.Tokens,
            Template = found.Template,
            LowerCase = Normalizes("lowercase"),
            StripAccents = normalizer.IsNull ? false : strip.IsNull ? null : strip.Boolean(),
            SaysStripAccents = true,
            ComposeAccents = composes ? true : null,
            CleanText = Normalizes("clean_text"),
            HandleChineseCharacters = Normalizes("handle_chinese_chars"),
            UnknownToken = (Text(model, "unk_token") ?? "[UNK]") is { } unknown && vocabulary.TryGetId(unknown, out _) ? unknown : null,
            ClassificationToken = found.ClassificationToken,
            SeparatorToken = found.SeparatorToken,
            ContinuingPrefix = prefix,
            MaxWordLength = model.Optional("max_input_chars_per_word") is { IsNull: false } longest ? longest.Integer() : null,
            CleanUpPieces = decoder.IsNull || decoder.Optional("cleanup") is { IsNull: true } || decoder.Required("cleanup").Boolean(),
            Kept = KeptSections.None with { Truncation = Section(root, "truncation"), Padding = Section(root, "padding") },
        };
    }

    /// <summary>
    /// Takes BertNormalizer out of a sequence of it alone, or with NFC before it, as tokenizers that were learnt here have it; every other
    /// sequence is refused.
    /// </summary>
    private static bool TakeComposition(ref JsonPart normalizer)
    {
        if (normalizer.IsNull || normalizer.Required("type").String() is not "Sequence")
            return false;
        JsonPart list = normalizer.Required("normalizers");
        JsonPart[] steps = [.. list.Items()];
        string[] types = [.. steps.Select(step => step.Required("type").String())];
        if (types is ["BertNormalizer"])
        {
            normalizer = steps[0];
            return false;
        }

        if (types is not ["NFC", "BertNormalizer"])
            throw list.Fail(
                $"must be BertNormalizer, or NFC and BertNormalizer, but is {string.Join(", ", types)}, which is not supported");
        normalizer = steps[1];
        return true;
    }

    private static void RequireType(JsonPart part, string expected, bool optional = false)
    {
        JsonPart type = part.Optional("type");
        if (optional && type.IsNull)
            return;
        string found = type.String();
        if (!string.Equals(found, expected, StringComparison.Ordinal))
            throw type.Fail($"must be {expected}, but is {found}, which is not supported");
    }

    private static string? Text(JsonPart part, string name) => part.Optional(name) is { IsNull: false } text ? text.String() : null;

    private static JsonElement? Section(JsonPart root, string name) =>
        root.Optional(name) is { IsNull: false } section ? section.Element : null;

    private static TokenizerVocabulary ReadVocabulary(JsonPart part)
    {
        var vocabulary = new TokenizerVocabulary();
        foreach ((string piece, JsonPart value) in
            part.Members().Select(member => (member.Name, member.Value)).OrderBy(member => member.Value.Integer()))
        {
            if (vocabulary.Add(piece, value.Integer(), spelt: true) is { } fault)
                throw value.Fail(fault);
        }

        return vocabulary;
    }

    private static IEnumerable<FoundToken> ReadAddedTokens(JsonPart part) => part.IsNull
        ? []
        : part.Items().Select(item => new FoundToken(AddedTokenReader.Read(item), item.Required("id").Integer(), item.Required("id")));
}
