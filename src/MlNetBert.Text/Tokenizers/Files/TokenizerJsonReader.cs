using System.Globalization;
using System.Text.Json;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Reads tokenizer.json: WordPiece with BERT's normaliser, pre-tokenizer and frame. Whatever else it asks for is refused by name.</summary>
internal static class TokenizerJsonReader
{
    public static TokenizerDescription Read(ReadOnlyMemory<byte> bytes, string file)
    {
        JsonPart root = JsonPart.Parse(bytes, file);
        JsonPart model = root.Required("model");
        RequireType(model, "WordPiece", optional: true);
        List<string> vocabulary = ReadVocabulary(model.Required("vocab"));
        int modelSize = vocabulary.Count;
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string piece in vocabulary)
            ids[piece] = ids.Count;
        List<AddedToken> added = ReadAddedTokens(root.Optional("added_tokens"), vocabulary, ids);

        JsonPart normalizer = root.Optional("normalizer");
        bool composes = TakeComposition(ref normalizer);
        if (!normalizer.IsNull)
            RequireType(normalizer, "BertNormalizer");
        JsonPart preTokenizer = root.Required("pre_tokenizer");
        RequireType(preTokenizer, "BertPreTokenizer");
        JsonPart decoder = root.Optional("decoder");
        if (!decoder.IsNull)
            RequireType(decoder, "WordPiece");
        (string classification, string separator) = FrameReader.Read(root.Required("post_processor"), ids);

        bool Normalizes(string name) => !normalizer.IsNull && normalizer.Required(name).Boolean();
        JsonPart strip = normalizer.IsNull ? default : normalizer.Optional("strip_accents");
        string prefix = Text(model, "continuing_subword_prefix") ?? "##";
        string? decoderPrefix = decoder.IsNull ? null : Text(decoder, "prefix");
        if (decoderPrefix is not null && !string.Equals(decoderPrefix, prefix, StringComparison.Ordinal))
            throw decoder.Required("prefix").Fail($"is '{decoderPrefix}', but model.continuing_subword_prefix is '{prefix}'");

        return new TokenizerDescription
        {
            Vocabulary = vocabulary,
            ModelSize = modelSize,
            AddedTokens = added,
            LowerCase = Normalizes("lowercase"),
            StripAccents = normalizer.IsNull ? false : strip.IsNull ? null : strip.Boolean(),
            SaysStripAccents = true,
            ComposeAccents = composes ? true : null,
            CleanText = Normalizes("clean_text"),
            HandleChineseCharacters = Normalizes("handle_chinese_chars"),
            UnknownToken = Text(model, "unk_token") ?? "[UNK]",
            ClassificationToken = classification,
            SeparatorToken = separator,
            ContinuingPrefix = prefix,
            MaxWordLength = model.Optional("max_input_chars_per_word") is { IsNull: false } longest ? longest.Integer() : null,
            CleanUpPieces = decoder.IsNull || decoder.Optional("cleanup") is { IsNull: true } || decoder.Required("cleanup").Boolean(),
            Kept = KeptSections.None with { Truncation = Section(root, "truncation"), Padding = Section(root, "padding") },
        };
    }

    /// <summary>Takes NFC off a sequence of it and BertNormalizer, as tokenizers that were learnt here have it; every other sequence is refused.</summary>
    private static bool TakeComposition(ref JsonPart normalizer)
    {
        if (normalizer.IsNull || normalizer.Required("type").String() is not "Sequence")
            return false;
        JsonPart list = normalizer.Required("normalizers");
        JsonPart[] steps = [.. list.Items()];
        string[] types = [.. steps.Select(step => step.Required("type").String())];
        if (types is not ["NFC", "BertNormalizer"])
            throw list.Fail($"must be NFC and BertNormalizer, but is {string.Join(", ", types)}, which is not supported");
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

    private static JsonElement? Section(JsonPart root, string name) => root.Optional(name) is { IsNull: false } section ? section.Element : null;

    private static List<string> ReadVocabulary(JsonPart part)
    {
        (string Name, JsonPart Value)[] members = [.. part.Members()];
        var pieces = new string?[members.Length];
        foreach ((string piece, JsonPart value) in members)
        {
            int id = value.Integer();
            if (id < 0 || id >= pieces.Length)
                throw value.Fail(string.Create(CultureInfo.InvariantCulture, $"must be an id below {pieces.Length}, the number of pieces, but is {id}"));
            if (pieces[id] is { } other)
                throw value.Fail(string.Create(CultureInfo.InvariantCulture, $"has the id {id} of '{other}'"));
            pieces[id] = piece;
        }

        return [.. pieces.Select(piece => piece!)];
    }

    private static List<AddedToken> ReadAddedTokens(JsonPart part, List<string> vocabulary, Dictionary<string, int> ids)
    {
        var tokens = new List<(int Id, AddedToken Token, JsonPart Part)>();
        if (part.IsNull)
            return [];
        foreach (JsonPart item in part.Items())
            tokens.Add((item.Required("id").Integer(), AddedTokenReader.Read(item, item.Required("content").String()), item));

        foreach ((int id, AddedToken token, JsonPart item) in tokens.OrderBy(entry => entry.Id))
        {
            if (id == vocabulary.Count && ids.TryAdd(token.Content, id))
                vocabulary.Add(token.Content);
            else if (!ids.TryGetValue(token.Content, out int place))
                throw item.Required("id").Fail(string.Create(CultureInfo.InvariantCulture, $"is {id}, but a token outside the vocabulary must follow its {vocabulary.Count} pieces without a gap"));
            else if (place != id)
                throw item.Required("id").Fail(string.Create(CultureInfo.InvariantCulture, $"is {id}, but '{token.Content}' is {place} in the vocabulary"));
        }

        return [.. tokens.Select(entry => entry.Token)];
    }
}
