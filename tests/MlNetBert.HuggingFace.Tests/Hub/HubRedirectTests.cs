using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Hub;

public sealed class HubRedirectTests
{
    [Fact]
    public async Task GetFile_RedirectToAnotherHost_DropsTheToken()
    {
        using var hub = HubBadServerTests.NewHub();
        using var storage = new LocalServer(request => hub.Answer(request with { Path = request.Path.Split('?')[0] }));
        hub.Override = request => (hub.Answer(request) with { Status = 302, Body = [] }).With("Location", $"http://localhost:{storage.Port}{request.Path}?signature=secret");
        await HubBadServerTests.FetchAsync(hub, token: "hf_secret");
        Assert.All(hub.Server.Requests, request => Assert.Equal("Bearer hf_secret", request.Header("Authorization")));
        var sent = Assert.Single(storage.Requests); // HEAD stays with the hub
        Assert.Equal("GET", sent.Method);
        Assert.Null(sent.Header("Authorization"));
    }

    [Fact]
    public async Task GetFile_RedirectToAnotherPort_DropsTheTokenForGood()
    {
        using var hub = HubBadServerTests.NewHub();
        using var other = new LocalServer(request => new ServerResponse(307).With("Location", $"{hub.Server.Address}{request.Path}?back"));
        hub.Override = request => request.Path.Contains('?', StringComparison.Ordinal)
            ? hub.Answer(request with { Path = request.Path.Split('?')[0] })
            : new ServerResponse(307).With("Location", $"{other.Address}{request.Path}");
        await HubBadServerTests.FetchAsync(hub, token: "hf_secret");
        Assert.All(other.Requests, request => Assert.Null(request.Header("Authorization")));
        Assert.All(hub.Server.Requests, request =>
            Assert.Equal(!request.Path.Contains('?', StringComparison.Ordinal), request.Header("Authorization") is not null));
    }

    [Fact]
    public async Task GetFile_RenamedRepository_FollowsTheRelativeRedirectWithTheToken()
    {
        using var hub = HubBadServerTests.NewHub();
        hub.Override = request => request.Path.StartsWith("/owner/", StringComparison.Ordinal)
            ? new ServerResponse(307).With("Location", $"/new{request.Path}")
            : hub.Answer(request with { Path = request.Path["/new".Length..] });
        await HubBadServerTests.FetchAsync(hub, token: "hf_secret");
        Assert.All(hub.Server.Requests, request => Assert.NotNull(request.Header("Authorization")));
    }

    [Fact]
    public async Task GetFile_RedirectLoop_IsBounded()
    {
        using var hub = HubBadServerTests.NewHub();
        hub.Override = request => new ServerResponse(302).With("Location", request.Path);
        var exception = await HubBadServerTests.FailAsync(hub);
        Assert.Contains("redirects", exception.Message, StringComparison.Ordinal);
        Assert.Equal(11, hub.Server.Requests.Count);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/file")]
    [InlineData("ftp://me:SECRET@127.0.0.1/file?signature=SECRET")]
    [InlineData("file:///etc/passwd")]
    [InlineData(null)]
    public async Task GetFile_RedirectToNowhere_IsRefused(string? location)
    {
        using var hub = HubBadServerTests.NewHub();
        hub.Override = _ => location is null ? new ServerResponse(302) : new ServerResponse(302).With("Location", location);
        var exception = await HubBadServerTests.FailAsync(hub);
        Assert.Contains("redirect", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", exception.Message, StringComparison.Ordinal);
    }
}
