using MlNetBert.Cli.Parsing;

namespace MlNetBert.Cli.Tests.Parsing;

public class OptionNamesTests
{
    [Theory]
    [InlineData("set A: WordOptions.InvalidText = Replace or ModelOptions.InvalidText = Replace.", "set A: --invalid-text replace.")]
    [InlineData("WordOptions.Column or WordOptions.ColumnName", "--column or --column-name")]
    [InlineData("WordOptions.Other or WordOptions.Other", "WordOptions.Other or WordOptions.Other")]
    public void InMessage_TwoMembersThatAreOneOption_NamesItOnce(string message, string expected) =>
        Assert.Equal(expected, OptionNames.InMessage(message, ["--invalid-text", "--column", "--column-name"]));
}
