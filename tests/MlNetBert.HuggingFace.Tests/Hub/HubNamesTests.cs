using MlNetBert.HuggingFace.Hub;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Hub;

public sealed class HubNamesTests
{
    [Theory]
    [InlineData("../config.json")]
    [InlineData("a/../../config.json")]
    [InlineData("..\\config.json")]
    [InlineData("a\\b.json")]
    [InlineData("/etc/passwd")]
    [InlineData("\\\\server\\share")]
    [InlineData("//server/share")]
    [InlineData("C:\\config.json")]
    [InlineData("C:config.json")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("")]
    [InlineData(".. /config.json")]
    [InlineData("nul")]
    [InlineData("a/COM1.txt")]
    [InlineData("a\0b")]
    public async Task GetFile_PathThatCouldLeaveTheCache_IsRefusedBeforeAnyRequest(string path)
    {
        using var hub = HubBadServerTests.NewHub();
        using var client = hub.Client();
        var stop = TestContext.Current.CancellationToken;
        Assert.Contains("refused", (await Assert.ThrowsAsync<HubException>(() => client.GetFileAsync(FakeHub.Repository, path, cancellationToken: stop))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HubException>(() => client.GetFileAsync(FakeHub.Repository, "config.json", path, cancellationToken: stop));
        await Assert.ThrowsAsync<HubException>(() => client.GetSnapshotAsync(FakeHub.Repository, ["config.json"], [path], cancellationToken: stop));
        Assert.Empty(hub.Server.Requests);
        Assert.NotNull(RelativePath.FaultOf(path));
    }

    [Theory]
    [InlineData("bert-base-uncased")]
    [InlineData("a/b/c")]
    [InlineData("a--b/c")]
    [InlineData("a/b..c")]
    [InlineData("a/b.git")]
    [InlineData("-a/b")]
    [InlineData("a/b.")]
    [InlineData("a/")]
    [InlineData("a/b c")]
    [InlineData("a/b?c")]
    [InlineData("")]
    public async Task GetFile_NoRepositoryId_IsRefused(string repository)
    {
        using var client = new HubClient(new HubOptions { Offline = true, Token = "" });
        var exception = await Assert.ThrowsAsync<HubException>(() => client.GetFileAsync(repository, "config.json", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("is no id of a repository", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HubFile_LongestId_IsAllowedAndOneMoreIsNot()
    {
        Assert.NotNull(new HubFile($"a/{new string('b', 94)}", "main", "config.json", HubRepositoryKind.Model));
        Assert.Throws<HubException>(() => new HubFile($"a/{new string('b', 95)}", "main", "config.json", HubRepositoryKind.Model));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("1_Pooling/config.json")]
    [InlineData(".gitattributes")]
    [InlineData("common.txt")]
    [InlineData("ünïcode/文.txt")]
    public void FaultOf_GoodPath_IsNull(string path) => Assert.Null(RelativePath.FaultOf(path));
}
