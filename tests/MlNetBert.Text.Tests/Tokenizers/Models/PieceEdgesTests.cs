using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models;

namespace MlNetBert.Text.Tests.Tokenizers.Models;

public sealed class PieceEdgesTests
{
    [Theory]
    [InlineData("Ġc", "at", true)]
    [InlineData("Ġc", "Ġat", false)]
    [InlineData("Ċ", "at", false)] // a line break
    [InlineData("at", ".", false)]
    [InlineData(".", "at", false)]
    [InlineData("å", "½", true)] // parts of a character
    [InlineData("", "at", false)]
    [InlineData("Ġ", "at", true)]
    [InlineData("Ġ", "Ċ", false)]
    [InlineData("Ġ", "Ġat", false)]
    [InlineData("ä¸", "Ń", true)] // 中 in two pieces
    [InlineData("ä¸Ń", "æĸĩ", false)] // 中, 文
    [InlineData("ä¸Ń", "æĸ", false)] // 文 begins
    [InlineData("Ń", "æĸĩ", false)] // 中 ends
    [InlineData("at", "ä¸Ń", false)]
    [InlineData("Ġ", "ä¸Ń", true)]
    [InlineData("ãģ", "Ĥ", true)] // あ in two pieces
    [InlineData("íķľ", "êµŃ", true)] // 한국: Korean has blanks
    [InlineData("Ĥ", "ã", false)] // kana or an ideograph begins, of which no other byte is there
    [InlineData("Ĥ", "à¸", false)] // Thai begins
    [InlineData("Ĥ", "à¹", false)]
    [InlineData("Ĥ", "àº", false)] // Lao
    [InlineData("Ĥ", "áĢ", false)] // Burmese
    [InlineData("Ĥ", "áŀ", false)] // Khmer
    [InlineData("à¸", "ģ", true)]
    [InlineData("Ĥ", "à¤", true)] // Devanagari has blanks
    [InlineData("Ĥ", "áĥ", true)] // Georgian, too
    [InlineData("Ĥ", "à", true)] // Thai or Devanagari
    public void AreInside_PiecesOfBytes_AreOneWordWhereNothingEndsIt(string first, string second, bool expected) =>
        Assert.Equal(expected, PieceEdges.AreInside(first, second, isByteLevel: true));

    [Theory]
    [InlineData("c", "▁at", false)]
    [InlineData("▁c", "at", true)]
    [InlineData("<0xC3>", "<0xA9>", true)]
    [InlineData("<0x0A>", "at", false)]
    [InlineData("▁", "at", true)]
    [InlineData("▁▁", ".", true)]
    [InlineData("▁c", "»", false)] // a character, not the byte that it is with GPT-2
    [InlineData("»", "at", false)]
    [InlineData("▁20", "°", false)]
    [InlineData("▁caf", "é", true)]
    [InlineData("▁我们", "喜欢", false)]
    [InlineData("喜欢", "a", false)]
    [InlineData("▁", "我们", true)]
    [InlineData("▁カ", "メラ", false)]
    [InlineData("▁ที", "่นี่", true)] // a tone mark of the letter before it
    [InlineData("▁ที่", "นี่", false)]
    [InlineData("▁한", "국", true)]
    [InlineData("▁при", "вет", true)]
    public void AreInside_PiecesOfCharacters_AreOneWordWhereNothingEndsIt(string first, string second, bool expected) =>
        Assert.Equal(expected, PieceEdges.AreInside(first, second, isByteLevel: false));

    [Fact]
    public void ContinuesWord_Latin1SignsOfAVocabularyOfCharacters_AreNoWords()
    {
        SubwordTokenizer tokenizer = GoldenTokenizer.Open("llama2");
        TokenEncoding encoding = tokenizer.Encode("«mot» 20° ±3", options: new EncodeOptions { AddSpecialTokens = false });
        string[] signs = ["«", "»", "°", "±"];
        int found = 0;
        for (int i = 1; i < encoding.Count; i++)
        {
            bool isSign = signs.Contains(encoding.Tokens[i]);
            found += isSign ? 1 : 0;
            if (!encoding.Tokens[i - 1].EndsWith('▁') && (isSign || signs.Contains(encoding.Tokens[i - 1])))
                Assert.False(tokenizer.ContinuesWord(encoding.Ids[i], encoding.Ids[i - 1]), encoding.Tokens[i]);
        }

        Assert.True(found > 0, string.Join(' ', encoding.Tokens));
    }

    [Fact]
    public void ContinuesWord_ByteLevelTokenizer_KnowsPartsOfCharacters()
    {
        SubwordTokenizer tokenizer = BytePairTokenizers.Roberta();
        int[] ids = tokenizer.EncodeToIds("é");
        Assert.Equal(["Ġ", "Ã", "©"], ids.Select(id => tokenizer.Vocabulary[id]));
        Assert.True(tokenizer.ContinuesWord(ids[1], ids[0]) && tokenizer.ContinuesWord(ids[2], ids[1]));
    }
}
