namespace MlNetBert.HuggingFace.Tests;

public class NearestNameTests
{
    [Theory]
    [InlineData("--modle", "--model")]
    [InlineData("--preciscion", "--precision")]
    [InlineData("--zzzzzz", null)]
    [InlineData("--norm", "--normalize")]
    public void Of_AWord_IsTheOneThatWasMeant(string word, string? expected) =>
        Assert.Equal(expected, NearestName.Of(word, ["--model", "--precision", "--normalize", "--json"]));
}
