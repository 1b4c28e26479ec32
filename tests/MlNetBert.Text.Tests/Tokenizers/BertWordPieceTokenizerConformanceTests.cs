using MlNetBert.Tests.Common;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

public sealed class BertWordPieceTokenizerConformanceTests : SubwordTokenizerConformanceTests
{
    internal static readonly string[] Pieces =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "the", "cat", "##s", "sat", ",", "did", "##n", "'", "t", "they", "?", "e", "vu", "x", "##x",
        "##y", "😀", "##😀", "日", "本", "new", "line", "special",
    ];

    protected override SubwordTokenizer Create() => SubwordTokenizer.FromVocabulary(
        Pieces, new WordPieceTokenizerOptions { AddedTokens = [new AddedToken("special", Special: false) { SingleWord = true }] });
}
