using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Tests.Common;

/// <summary>Tokenizers with every option, hole, flag and section that files can hold, at random.</summary>
internal static class RandomTokenizers
{
    private const string Letters = "abcABéß中.'";

    private static readonly Gen<string> Word = Gen.String[Gen.Char[Letters], 1, 3];

    private static readonly Gen<bool?> Maybe = OneOf<bool?>(null, true, false);

    private static readonly Gen<AddedToken> Token = Gen.Select(Gen.String[Gen.Char["abAé.中_"], 1, 4], Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, (content, special, left, right, single, normalized) =>
        new AddedToken(content, special) { LeftStrip = left, RightStrip = right, SingleWord = single, Normalized = normalized });

    private static readonly Gen<WordPieceTokenizerOptions> Options =
        from flags in Gen.Bool.Array[4]
        from strip in Maybe
        from compose in Maybe
        from prefix in OneOf("##", "@@", "")
        from names in OneOf<string[]>(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], ["<pad>", "<unk>", "<s>", "</s>", "<mask>"])
        from longest in OneOf(100, 2, 5)
        from length in OneOf<int?>(null, 7, 512)
        from invalid in OneOf(InvalidTextHandling.Throw, InvalidTextHandling.Replace)
        select new WordPieceTokenizerOptions
        {
            LowerCase = flags[0],
            CleanText = flags[1],
            HandleChineseCharacters = flags[2],
            CleanUpPieces = flags[3],
            StripAccents = strip,
            ComposeAccents = compose,
            ContinuingPrefix = prefix,
            PaddingToken = names[0],
            UnknownToken = names[1],
            ClassificationToken = names[2],
            SeparatorToken = names[3],
            MaskToken = names[4],
            MaxWordLength = longest,
            ModelMaxLength = length,
            InvalidText = invalid,
        };

    /// <summary>Texts that go through much of it.</summary>
    public static Gen<string> Text { get; } = Gen.String[Gen.Char[Letters + " \t\u0301_\u00A0\uFFFD[MASK]"], 0, 40];

    /// <summary>Short and long words, blanks and marks, and any Unicode between them, half of it ASCII.</summary>
    public static Gen<string> AnyText { get; } =
        from parts in Gen.OneOf(
            Gen.String[Gen.Char['a', 'z'], 1, 20],
            Gen.String[Gen.Char['\0', '\x7F'], 1, 20],
            Gen.String[Gen.Char["aB1 .'`\n\u0301\u2581é"], 1, 8],
            Gen.String[Gen.Char['\0', '\u3000'], 1, 4],
            Gen.String[Gen.Char, 1, 4]).Array[0, 8]
        from separator in Gen.Bool
        select string.Join(separator ? " " : "", parts);

    /// <summary>The files of tokenizers.</summary>
    public static Gen<Dictionary<string, byte[]>> Files { get; } =
        from options in Options
        from words in Word.Array[3, 12]
        from joined in Gen.Bool.Array[12]
        from holes in Gen.Int[0, 3].Array[12]
        from blank in Gen.Bool
        from added in Token.Array[0, 5]
        from gap in Gen.Int[0, 2]
        from types in Gen.Int[0, 1].Array[5]
        from sections in Gen.Bool.Array[4]
        select Write(options, [.. words.Select((word, i) => (joined[i] ? options.ContinuingPrefix : "") + word)], holes, blank, added, gap, types, sections);

    public static SubwordTokenizer Open(IReadOnlyDictionary<string, byte[]> files) =>
        SubwordTokenizer.FromFiles(name => files.TryGetValue(name, out byte[]? bytes) ? new MemoryStream(bytes) : null, "model");

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(place => values[place]);

    private static Dictionary<string, byte[]> Write(
        WordPieceTokenizerOptions options, string[] words, int[] holes, bool blank, AddedToken[] added, int gap, int[] types, bool[] sections)
    {
        string[] named = [options.PaddingToken!, options.UnknownToken!, options.ClassificationToken!, options.SeparatorToken!, options.MaskToken!];
        var files = SubwordTokenizer.FromVocabulary(named, options).ToFiles().ToDictionary();
        JsonNode tokenizer = JsonNode.Parse(files["tokenizer.json"])!;
        JsonObject vocabulary = tokenizer["model"]!["vocab"]!.AsObject();
        int next = vocabulary.Count;
        foreach ((string word, int i) in words.Append(blank ? "" : "a").Distinct(StringComparer.Ordinal).Except(named, StringComparer.Ordinal).Select((word, i) => (word, i)))
        {
            next += i > 0 && holes[i % holes.Length] == 0 ? 1 : 0;
            vocabulary[word] = next++;
        }

        foreach (AddedToken token in added.DistinctBy(token => token.Content, StringComparer.Ordinal))
        {
            int id = vocabulary.TryGetPropertyValue(token.Content, out JsonNode? place) ? place!.GetValue<int>() : (next += 1 + gap) - 1;
            tokenizer["added_tokens"]!.AsArray().Add(new JsonObject
            {
                ["id"] = id,
                ["content"] = token.Content,
                ["single_word"] = token.SingleWord,
                ["lstrip"] = token.LeftStrip,
                ["rstrip"] = token.RightStrip,
                ["normalized"] = token.Normalized,
                ["special"] = token.Special,
            });
        }

        JsonArray pair = tokenizer["post_processor"]!["pair"]!.AsArray();
        for (int i = 0; i < types.Length; i++)
            (pair[i]!["SpecialToken"] ?? pair[i]!["Sequence"])!["type_id"] = types[i];
        if (sections[0])
            tokenizer["truncation"] = JsonNode.Parse("""{"direction":"Left","max_length":9,"strategy":"LongestFirst","stride":0}""");
        if (sections[1])
            tokenizer["padding"] = JsonNode.Parse("""{"strategy":{"Fixed":9},"direction":"Left","pad_to_multiple_of":8,"pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"}""");
        files["tokenizer.json"] = Bytes(tokenizer);
        files.Remove("vocab.txt");

        JsonNode configuration = JsonNode.Parse(files["tokenizer_config.json"])!;
        configuration.AsObject().Remove("added_tokens_decoder");
        if (sections[2])
            configuration["padding_side"] = "left";
        if (sections[3])
            configuration["made_by"] = new JsonObject { ["who"] = "ünderg\u0001", ["numbers"] = new JsonArray(1, 2.5, null) };
        configuration["truncation_side"] = "left";
        files["tokenizer_config.json"] = Bytes(configuration);
        return files;
    }

    private static byte[] Bytes(JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
}
