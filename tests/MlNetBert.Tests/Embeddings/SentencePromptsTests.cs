using MlNetBert.Embeddings;

namespace MlNetBert.Tests.Embeddings;

public sealed class SentencePromptsTests
{
    private static readonly SentencePrompts Prompts =
        new(new Dictionary<string, string>(StringComparer.Ordinal) { ["query"] = "Q: ", ["s2p_passage"] = "" }, "query");

    [Theory]
    [InlineData(null, "Q: ")]
    [InlineData("query", "Q: ")]
    [InlineData("s2p_passage", "")]
    [InlineData("", "")]
    [InlineData("query: ", "query: ")]
    [InlineData("query:", "query:")]
    [InlineData("查询", "查询")]
    public void TextOf_NameOrText_IsThePromptOrTheText(string? asked, string expected) => Assert.Equal(expected, Prompts.TextOf(asked));

    [Theory]
    [InlineData("Query")]
    [InlineData("s2p_query")]
    [InlineData("web-search")]
    public void TextOf_WordThatIsNoName_IsRefusedWithTheNames(string asked)
    {
        var message = Assert.Throws<InvalidOptionsException>(() => Prompts.TextOf(asked)).Message;

        Assert.Contains("query, s2p_passage", message, StringComparison.Ordinal);
        Assert.Contains(asked, message, StringComparison.Ordinal);
        var none = Assert.Throws<InvalidOptionsException>(() => SentencePrompts.None.TextOf(asked)).Message;
        Assert.Contains("it has none", none, StringComparison.Ordinal);
    }
}
