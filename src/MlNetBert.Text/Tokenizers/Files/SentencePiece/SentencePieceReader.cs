using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>Makes a tokenizer of a model of SentencePiece that stands alone, by the family that the files beside it name.</summary>
internal static class SentencePieceReader
{
    private static readonly (string Name, string[] Classes, string[] ModelTypes, Func<SentencePieceFile, FamilySettings, SentencePieceFamily> Make)[]
        Families =
        [
            ("ALBERT", ["AlbertTokenizer"], ["albert"], (file, said) => new AlbertFamily(file, said)),
            ("CamemBERT", ["CamembertTokenizer"], ["camembert"], (file, said) => new CamembertFamily(file, said)),
            ("DeBERTa-v2", ["DebertaV2Tokenizer"], ["deberta-v2"], (file, said) => new DebertaFamily(file, said)),
            ("Llama", ["LlamaTokenizer"], ["llama", "mistral"], (file, said) => new LlamaFamily(file, said)),
            ("T5", ["T5Tokenizer", "MT5Tokenizer"], ["t5", "mt5", "umt5", "longt5"], (file, said) => new T5Family(file, said)),
            ("XLM-RoBERTa", ["XLMRobertaTokenizer"], ["xlm-roberta", "xlm-roberta-xl"], (file, said) => new XlmRobertaFamily(file, said)),
            ("XLNet", ["XLNetTokenizer"], ["xlnet"], (file, said) => new XlnetFamily(file, said)),
        ];

    /// <summary>The classes of transformers that name no family.</summary>
    private static readonly string[] AnyClass = ["PreTrainedTokenizer", "PreTrainedTokenizerFast", "TokenizersBackend"];

    /// <summary>Reads a model.</summary>
    /// <param name="bytes">The model.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <param name="configuration">tokenizer_config.json; null where there is none.</param>
    /// <param name="model">config.json; null where there is none.</param>
    /// <param name="said">What tokenizer_config.json and special_tokens_map.json say; then with the tokens that the family has besides.</param>
    /// <exception cref="TokenizerFormatException">It is no model, or of a family that is not known.</exception>
    public static TokenizerPipeline Read(
        byte[] bytes, string source, JsonPart? configuration, JsonPart? model, ref TokenizerConfiguration said)
    {
        var file = SentencePieceFile.Read(bytes, source);
        SentencePieceFamily family = Find(configuration, model)(file, new FamilySettings(configuration, said));
        said = said.WithTokens(family.Roles);
        return family.Build(source);
    }

    private static Func<SentencePieceFile, FamilySettings, SentencePieceFamily> Find(JsonPart? configuration, JsonPart? model)
    {
        if (configuration?.Optional("tokenizer_class") is { IsNull: false } type)
        {
            string name = type.GetString();
            string slow = name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : name;
            if (Array.Find(Families, family => family.Classes.Contains(slow, StringComparer.Ordinal)) is { Make: { } make })
                return make;
            if (!AnyClass.Contains(name, StringComparer.Ordinal))
                throw Unknown(type, name, string.Join(" or ", Families.SelectMany(family => family.Classes)));
        }

        if (model?.Optional("model_type") is not { IsNull: false } modelType)
            return (file, said) => new PlainFamily(file, said);
        string found = modelType.GetString();
        return Array.Find(Families, family => family.ModelTypes.Contains(found, StringComparer.Ordinal)).Make
            ?? throw Unknown(modelType, found, string.Join(" or ", Families.SelectMany(family => family.ModelTypes)));
    }

    private static TokenizerFormatException Unknown(JsonPart part, string name, string known) => part.Fail(
        $"is {name}, and how it reads a model of SentencePiece is not known: it must be {known}. Save the tokenizer as "
            + $"{ModelFiles.Tokenizer} with transformers (AutoTokenizer.from_pretrained, save_pretrained), which is read whatever its class");
}
