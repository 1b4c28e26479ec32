using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.PostProcessors;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Files.BytePair;

/// <summary>
/// Puts a byte-level tokenizer together of vocab.json and merges.txt, as transformers does where there is no tokenizer.json: GPT-2's, or
/// RoBERTa's.
/// </summary>
internal static class BytePairReader
{
    // The classes of transformers that read vocab.json and merges.txt alike.
    private const string Gpt2Class = "GPT2Tokenizer";
    private static readonly string[] RobertaClasses = ["RobertaTokenizer", "BartTokenizer", "LongformerTokenizer", "LEDTokenizer"];

    private static readonly string?[] Gpt2Tokens = ["<|endoftext|>", null, null, null, null, "<|endoftext|>", "<|endoftext|>"];
    private static readonly string?[] RobertaTokens = ["<unk>", "<s>", "</s>", "<pad>", "<mask>", "<s>", "</s>"];

    /// <summary>Reads a tokenizer.</summary>
    /// <param name="vocabulary">vocab.json.</param>
    /// <param name="merges">merges.txt.</param>
    /// <param name="mergesName">What to call that.</param>
    /// <param name="configuration">tokenizer_config.json.</param>
    /// <param name="model">config.json.</param>
    /// <param name="said">What the configuration says; gets the tokens of the roles of which it says nothing.</param>
    public static TokenizerPipeline Read(
        JsonPart vocabulary, byte[] merges, string mergesName, JsonPart? configuration, JsonPart? model, ref TokenizerConfiguration said)
    {
        bool isRoberta = IsRoberta(vocabulary, configuration, model);
        IReadOnlyDictionary<string, int> pieces = vocabulary.GetVocabulary();
        string?[] usual = isRoberta ? RobertaTokens : Gpt2Tokens;
        TokenizerConfiguration found = said;
        said = said.WithTokens(
        [
            .. usual.Select((token, role) => found.Tokens[role]
                ?? (token is not null && !found.VacantRoles.Contains(SpecialTokens.Keys[role]) && pieces.ContainsKey(token)
                    ? token
                    : null)),
        ]);
        var bytePair = new BytePairModel(pieces, MergesFile.Read(merges, mergesName, pieces), new BytePairSettings());
        bool addsSpace = said.AddPrefixSpace ?? false;
        bool trims = isRoberta && (configuration?.OptionalBoolean("trim_offsets") ?? true);
        return new TokenizerPipeline
        {
            Vocabulary = TokenizerVocabulary.Of(bytePair, mergesName),
            PreTokenizer = new ByteLevelPreTokenizer { AddPrefixSpace = addsSpace },
            Model = bytePair,
            Template = isRoberta
                ? SpecialTokenTemplate.CreateRoberta(IdOf(SpecialTokenRole.Classification, said), IdOf(SpecialTokenRole.Separator, said))
                : SpecialTokenTemplate.CreateWithEnds(
                    configuration?.OptionalBoolean("add_bos_token") == true ? IdOf(SpecialTokenRole.BeginningOfText, said) : null,
                    configuration?.OptionalBoolean("add_eos_token") == true ? IdOf(SpecialTokenRole.EndOfText, said) : null),
            OffsetTrimming = trims ? new OffsetTrimming(addsSpace) : null,
            Decoder = new ByteLevelDecoder(),
        };

        int IdOf(SpecialTokenRole role, TokenizerConfiguration settled)
        {
            string token = settled.Tokens[(int)role] ?? usual[(int)role]!;
            return pieces.TryGetValue(token, out int id) ? id : throw vocabulary.Fail(
                $"must have '{token}', the {SpecialTokens.Keys[(int)role]} of RoBERTa's tokenizer, but has not");
        }
    }

    /// <summary>Refuses a vocab.json that is not the vocabulary of tokenizer.json.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? FaultOf(JsonPart vocabulary, TokenizerVocabulary tokenizer)
    {
        IReadOnlyDictionary<string, int> pieces = vocabulary.GetVocabulary();
        foreach ((string piece, int id) in pieces)
        {
            if (!tokenizer.TryGetId(piece, out int other))
                return FormattableString.Invariant($"'{piece}' has the id {id}, but {ModelFiles.Tokenizer} lacks it");
            if (other != id)
                return FormattableString.Invariant($"'{piece}' has the id {id}, but {ModelFiles.Tokenizer} says {other}");
        }

        string? missing = tokenizer.Ids.Where(entry => tokenizer.IsSpelt(entry.Value) && !pieces.ContainsKey(entry.Key))
            .Select(entry => entry.Key).FirstOrDefault();
        return missing is null ? null : $"'{missing}' is missing, but {ModelFiles.Tokenizer} has it";
    }

    /// <summary>By the tokenizer's class, or by the model type, whose tokenizer is called like it.</summary>
    private static bool IsRoberta(JsonPart vocabulary, JsonPart? configuration, JsonPart? model)
    {
        JsonPart part = configuration?.Optional("tokenizer_class") ?? default;
        string name = part.IsNull ? string.Empty : part.GetString();
        if (part.IsNull && model?.Optional("model_type") is { IsNull: false } type)
            (part, name) = (type, type.GetString() + "Tokenizer");
        if (part.IsNull)
            throw vocabulary.Fail($"does not tell what it is of. Say {Gpt2Class} or {RobertaClasses[0]} as 'tokenizer_class' in "
                + $"{ModelFiles.TokenizerConfig}");
        name = ConfigurationReader.WithoutFast(name);
        if (RobertaClasses.Contains(name, StringComparer.OrdinalIgnoreCase))
            return true;
        return string.Equals(name, Gpt2Class, StringComparison.OrdinalIgnoreCase)
            ? false
            : throw part.Fail($"is {part.GetString()}, which is not supported without {ModelFiles.Tokenizer}. A 'tokenizer_class' of "
                + $"{ModelFiles.TokenizerConfig} that is: {string.Join(", ", RobertaClasses.Prepend(Gpt2Class))}");
    }
}
