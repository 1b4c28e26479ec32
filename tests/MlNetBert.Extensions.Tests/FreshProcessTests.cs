using MlNetBert.Tests.Common;
using Stranger.Support;

namespace Stranger;

/// <summary>What a stranger's extensions saved, in a process that knows them and in one that does not.</summary>
public sealed class FreshProcessTests(Trained trained)
{
    [Fact]
    public void Open_WhereTheyAreRegistered_GivesWhatWasSaved()
    {
        var child = ChildProcess.Run(Children.Open, $"{trained.Zip}|{trained.Model}");

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal($"{Children.DescribeZip(trained.Zip)}|{Children.DescribeDirectory(trained.Model)}", child.Result);
        Assert.Contains("|bag Characters ", child.Result, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WhereTheyAreNot_SaysWhatIsMissingAndWhatRegistersIt()
    {
        var child = ChildProcess.Run(Children.OpenUnregistered, $"{trained.Zip}|{trained.Model}|{Path.Combine(trained.Model, "tokenizer.json")}");

        Assert.True(child.ExitCode == 0, child.Error);
        var messages = child.Result!.Split('|');
        Assert.StartsWith("TokenizerFormatException", messages[0], StringComparison.Ordinal);
        Assert.StartsWith("ModelConfigFormatException", messages[1], StringComparison.Ordinal);
        Assert.StartsWith("TokenizerFormatException", messages[2], StringComparison.Ordinal);
        Assert.All([messages[0], messages[2]], message => Assert.Contains("is Characters", message, StringComparison.Ordinal));
        Assert.All([messages[0], messages[2]], message => Assert.Contains("SubwordModel.Register", message, StringComparison.Ordinal));
        Assert.Contains("'bag'", messages[1], StringComparison.Ordinal);
        Assert.Contains("ModelArchitecture.Register", messages[1], StringComparison.Ordinal);
    }
}
