using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>Makes a tokenizer of a model of SentencePiece that stands alone, by the family that the files beside it name.</summary>
internal static class SentencePieceReader
{
    /// <summary>The families by their classes in transformers, and the types of further models that use these classes.</summary>
    private static readonly (string[] Classes, string[] MoreModels, Func<SentencePieceFile, FamilySettings, SentencePieceFamily> Make)[]
        Families =
        [
            (["AlbertTokenizer"], [], (file, said) => new AlbertFamily(file, said)),
            (["CamembertTokenizer"], [], (file, said) => new CamembertFamily(file, said)),
            (["DebertaV2Tokenizer"], [], (file, said) => new DebertaFamily(file, said)),
            (["LlamaTokenizer"], ["mistral"], (file, said) => new LlamaFamily(file, said)),
            (["T5Tokenizer", "MT5Tokenizer"], ["umt5", "longt5"], (file, said) => new T5Family(file, said)),
            (["XLMRobertaTokenizer"], ["xlm-roberta-xl"], (file, said) => new XlmRobertaFamily(file, said)),
            (["XLNetTokenizer"], [], (file, said) => new XlnetFamily(file, said)),
        ];

    /// <summary>The classes of transformers that name no family.</summary>
    private static readonly string[] AnyClass = ["PreTrainedTokenizer", "PreTrainedTokenizerFast", "TokenizersBackend"];

    /// <summary>Reads a model.</summary>
    /// <param name="bytes">The model.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <param name="configuration">tokenizer_config.json; null where there is none.</param>
    /// <param name="model">config.json; null where there is none.</param>
    /// <param name="said">What tokenizer_config.json and special_tokens_map.json say; then with the tokens that the family has
    /// besides.</param>
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
        string known = string.Join(" or ", Families.SelectMany(family => family.Classes));
        if (configuration?.Optional("tokenizer_class") is { IsNull: false } type)
        {
            string name = type.GetString();
            string slow = ConfigurationReader.WithoutFast(name);
            if (Array.Find(Families, family => family.Classes.Contains(slow, StringComparer.Ordinal)) is { Make: { } make })
                return make;
            if (!AnyClass.Contains(name, StringComparer.Ordinal))
                throw Unknown(type, known);
        }

        if (model?.Optional("model_type") is not { IsNull: false } modelType)
            return (file, said) => new PlainFamily(file, said);
        // A type such as xlm-roberta is what its class is called.
        string found = modelType.GetString();
        string nameOfClass = found.Replace("-", string.Empty, StringComparison.Ordinal) + "Tokenizer";
        return Array.Find(Families, family => family.Classes.Contains(nameOfClass, StringComparer.OrdinalIgnoreCase)
            || family.MoreModels.Contains(found, StringComparer.Ordinal)).Make ?? throw Unknown(modelType, $"that of one with {known}");
    }

    private static TokenizerFormatException Unknown(JsonPart part, string known) => part.Fail(
        $"is {part.GetString()}, and how it reads a model of SentencePiece is not known: it must be {known}. Save the tokenizer as "
            + $"{ModelFiles.Tokenizer} with transformers (AutoTokenizer.from_pretrained, save_pretrained), which is read whatever "
            + "its class");
}
