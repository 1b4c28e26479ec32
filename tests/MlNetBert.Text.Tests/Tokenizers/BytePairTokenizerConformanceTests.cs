using MlNetBert.Tests.Common;

namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>A byte-level tokenizer does what every tokenizer must do.</summary>
public sealed class BytePairTokenizerConformanceTests : SubwordTokenizerConformanceTests
{
    // "Â ł" is U+00A0: with a piece of its own it is known to be white space; a part of a character counts as inside a word.
    protected override SubwordTokenizer Create() =>
        BytePairTokenizers.Roberta("Ġ a", "c a", "t s", "ca ts", "Ġ cats", "Ġ t", "h e", "Ġt he", "Â ł");
}
