namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>Tokenizers of bert-base-uncased's vocabulary, set as the reference files' names say.</summary>
internal static class BertTokenizers
{
    public static SubwordTokenizer For(string name) => SubwordTokenizer.FromVocabulary(
        File.ReadLines(SharedFiles.Path("data/bert-base-uncased-vocab.txt")),
        name switch
        {
            "wordpiece-cased" => new() { LowerCase = false },
            "wordpiece-cased-strip" => new() { LowerCase = false, StripAccents = true },
            "wordpiece-uncased-keep-accents" => new() { StripAccents = false },
            "wordpiece-uncased-no-chinese" => new() { HandleChineseCharacters = false },
            _ => new(),
        });
}
