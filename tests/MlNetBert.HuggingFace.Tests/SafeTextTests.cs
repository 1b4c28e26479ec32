namespace MlNetBert.HuggingFace.Tests;

public class SafeTextTests
{
    [Theory]
    [InlineData("https://me:pw@host/a", "https://host/a")]
    [InlineData("failed at 'http://me:p@w@host:8080/a/b?sig=x&y=z', again", "failed at 'http://host:8080/a/b', again")]
    [InlineData("socks5://me:pw@proxy: refused", "socks5://proxy: refused")]
    [InlineData("https://host/a@b?x", "https://host/a@b")]
    [InlineData("a@b.example, why? 1://2", "a@b.example, why? 1://2")]
    [InlineData("no address", "no address")]
    public void WithoutSecrets_OfAText_LeavesTheRest(string text, string expected) => Assert.Equal(expected, SafeText.WithoutSecrets(text));

    [Theory]
    [InlineData("\u001b[31mred\u0007\r", @"\u001b[31mred\u0007\u000d")]
    [InlineData("\u009b31m\u007f", @"\u009b31m\u007f")]
    [InlineData("file\u202egnp.exe", @"file\u202egnp.exe")]
    [InlineData("a line\nand\ttabs, [markup], é, 漢, 😀", "a line\nand\ttabs, [markup], é, 漢, 😀")]
    public void WithoutControls_OfAText_ShowsThem(string text, string expected) => Assert.Equal(expected, SafeText.WithoutControls(text));
}
