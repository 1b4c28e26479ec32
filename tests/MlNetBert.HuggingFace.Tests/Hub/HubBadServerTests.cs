using System.Globalization;
using System.Net;
using MlNetBert.HuggingFace.Hub;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Hub;

/// <summary>A hub that misbehaves in every way: a file that is whole or an exception that says what to do, and never half a file.</summary>
public sealed class HubBadServerTests
{
    private const string Name = "model.safetensors";
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31))];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetFile_ClosesEarly_ResumesWithRange()
    {
        using var hub = NewHub();
        hub.Override = request => request.Method == "GET" && request.From == 0 ? hub.Answer(request) with { CloseAfter = 30_000 } : null;
        Assert.Equal(Content, await FetchAsync(hub));
        Assert.Equal([0, 30_000], hub.Server.Of("GET").Select(request => request.From));
        Assert.Equal([TimeSpan.FromSeconds(1)], hub.Waits);
    }

    [Fact]
    public async Task GetFile_AlwaysClosesEarly_GivesUpAndLeavesNoBlob()
    {
        using var hub = NewHub();
        hub.Override = request => request.Method == "GET" ? hub.Answer(request) with { CloseAfter = 10 } : null;
        var exception = await FailAsync(hub);
        Assert.Contains("failed 4 times", exception.Message, StringComparison.Ordinal);
        Assert.Equal(4, hub.Server.Of("GET").Count);
        Assert.Equal([1, 2, 4], hub.Waits.Select(wait => wait.TotalSeconds));
        Assert.Equal(40, new FileInfo(hub.Blob(Name) + ".incomplete").Length);
    }

    [Fact]
    public async Task GetFile_AnswersWholeFileToRange_StartsAgain()
    {
        using var hub = NewHub();
        WriteIncomplete(hub, Content[..500]);
        hub.Override = request => request.Method == "GET" ? hub.Answer(request with { Headers = new Dictionary<string, string>() }) : null;
        Assert.Equal(Content, await FetchAsync(hub));
        Assert.Equal(500, hub.Server.Of("GET").Single().From);
    }

    [Fact]
    public async Task GetFile_AnswersAnotherRange_StartsAgain()
    {
        using var hub = NewHub();
        WriteIncomplete(hub, Content[..500]);
        hub.Override = request => request.From == 500
            ? new ServerResponse(206) { Body = Content[100..] }.With("Content-Range", $"bytes 100-{Content.Length - 1}/{Content.Length}")
            : null;
        Assert.Equal(Content, await FetchAsync(hub));
    }

    [Fact]
    public async Task GetFile_RangeNotSatisfiable_StartsAgain()
    {
        using var hub = NewHub();
        WriteIncomplete(hub, Content[..500]);
        hub.Override = request => request.From > 0 ? new ServerResponse(416) : null;
        Assert.Equal(Content, await FetchAsync(hub));
    }

    [Fact]
    public async Task GetFile_PartOfAnotherFileIsThere_StartsAgainAfterTheHashDiffers()
    {
        using var hub = NewHub();
        WriteIncomplete(hub, new byte[500]);
        Assert.Equal(Content, await FetchAsync(hub));
        Assert.Equal([500, 0], hub.Server.Of("GET").Select(request => request.From));
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(100_001)]
    public async Task GetFile_IncompleteAsLongAsTheFile_IsNotTakenForWhole(int length)
    {
        using var hub = NewHub();
        WriteIncomplete(hub, new byte[length]);
        Assert.Equal(Content, await FetchAsync(hub));
    }

    [Fact]
    public async Task GetFile_BlobOfAnotherLength_IsFetchedAgain()
    {
        using var hub = NewHub();
        Directory.CreateDirectory(Path.GetDirectoryName(hub.Blob(Name))!);
        await File.WriteAllBytesAsync(hub.Blob(Name), Content[..10], Stop);
        Assert.Equal(Content, await FetchAsync(hub));
    }

    [Fact]
    public async Task GetFile_AnotherContent_RefusedByItsHash()
    {
        using var hub = NewHub();
        byte[] other = [.. Content];
        other[77] ^= 1;
        hub.Override = request => request.Method == "GET" ? hub.Answer(request) with { Body = other } : null;
        var exception = await FailAsync(hub);
        Assert.Contains(FakeHub.Etag(Content), exception.Message, StringComparison.Ordinal);
        Assert.Contains(FakeHub.Etag(other), exception.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(hub.Blob(Name) + ".incomplete"));
    }

    [Fact]
    public async Task GetFile_ShorterThanPromised_Refused()
    {
        using var hub = NewHub();
        hub.Override = request => request.Method == "GET" ? new ServerResponse(200) { Body = Content[request.From..90_000] } : null;
        Assert.Contains("of 100000 bytes", (await FailAsync(hub)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetFile_LongerThanPromised_Refused()
    {
        using var hub = NewHub();
        hub.Override = request => request.Method == "GET" ? new ServerResponse(200) { Body = [.. Content, 1] } : null;
        Assert.Contains("expected 100000 bytes, found more", (await FailAsync(hub)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetFile_EtagChangesInBetween_Refused()
    {
        using var hub = NewHub();
        hub.Override = request => request.Method == "GET" ? hub.Answer(request).With("X-Linked-Etag", "\"other\"") : null;
        Assert.Contains("changed", (await FailAsync(hub)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetFile_EncodedAnswer_Refused()
    {
        using var hub = NewHub();
        hub.Override = request => request.Method == "GET" ? hub.Answer(request).With("Content-Encoding", "gzip") : null;
        Assert.Contains("gzip", (await FailAsync(hub)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetFile_NoEtag_Refused()
    {
        using var hub = NewHub();
        hub.Override = _ => new ServerResponse(200).With("X-Repo-Commit", FakeHub.Commit);
        Assert.Contains("ETag", (await FailAsync(hub)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("../../../../etc")]
    [InlineData("main")]
    public async Task GetFile_NoCommit_Refused(string? commit)
    {
        using var hub = NewHub();
        hub.Override = _ => commit is null ? new ServerResponse(200).With("ETag", "\"abc\"") : new ServerResponse(200).With("ETag", "\"abc\"").With("X-Repo-Commit", commit);
        Assert.Contains("X-Repo-Commit", (await FailAsync(hub)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../evil")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("C:evil")]
    [InlineData("abc.incomplete")]
    public async Task GetFile_EtagThatIsNoFileName_Refused(string etag)
    {
        using var hub = NewHub();
        hub.Override = request => hub.Answer(request).With("X-Linked-Etag", $"\"{etag}\"");
        Assert.Contains("refused", (await FailAsync(hub)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "RepoNotFound", "no repository 'owner/model'", "HF_TOKEN")]
    [InlineData(401, "GatedRepo", "gated", "accept its conditions")]
    [InlineData(403, "GatedRepo", "gated", "accept its conditions")]
    [InlineData(403, "", "gated or private", "HF_TOKEN")]
    [InlineData(404, "RepoNotFound", "no repository 'owner/model'", "spelling")]
    [InlineData(404, "RevisionNotFound", "no revision 'main'", "branches")]
    [InlineData(404, "EntryNotFound", "no file 'model.safetensors'", "tree/main")]
    [InlineData(418, "", "answered 418", "HF_ENDPOINT")]
    public async Task GetFile_Refusal_SaysWhatToDoAndIsNotRetried(int status, string code, string what, string advice)
    {
        using var hub = NewHub();
        hub.Override = _ => new ServerResponse(status).With("X-Error-Code", code).With("X-Error-Message", "said the hub");
        var exception = await FailAsync(hub);
        Assert.Equal((HttpStatusCode)status, exception.StatusCode);
        Assert.Equal($"{hub.Server.Address}/owner/model/resolve/main/model.safetensors", exception.Address);
        Assert.Contains(what, exception.Message, StringComparison.Ordinal);
        Assert.Contains(advice, exception.Message, StringComparison.Ordinal);
        Assert.Contains("said the hub", exception.Message, StringComparison.Ordinal);
        Assert.Single(hub.Server.Requests);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task GetFile_FailsInPassing_IsRetried(int status)
    {
        using var hub = NewHub();
        hub.Override = request => (request.Method, hub.Server.Of(request.Method).Count) is (_, <= 2) ? new ServerResponse(status) : null;
        Assert.Equal(Content, await FetchAsync(hub));
        Assert.Equal([1, 2, 1, 2], hub.Waits.Select(wait => wait.TotalSeconds));

        hub.Override = _ => new ServerResponse(status);
        File.Delete(Path.Combine(hub.Cache, "models--owner--model", "refs", "main"));
        var exception = await FailAsync(hub, blobGone: false);
        Assert.Equal((HttpStatusCode)status, exception.StatusCode);
        Assert.Contains("failed 4 times", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetFile_RetryAfter_IsHonoured()
    {
        using var hub = NewHub();
        hub.Override = _ => hub.Server.Requests.Count == 1 ? new ServerResponse(429).With("Retry-After", "17") : null;
        Assert.Equal(Content, await FetchAsync(hub));
        Assert.Equal([TimeSpan.FromSeconds(17)], hub.Waits);
    }

    [Fact]
    public async Task GetFile_RetryAfterAnHour_FailsAtOnce()
    {
        using var hub = NewHub();
        hub.Override = _ => new ServerResponse(429).With("Retry-After", "3600");
        Assert.Contains("60 minutes", (await FailAsync(hub)).Message, StringComparison.Ordinal);
        Assert.Empty(hub.Waits);
    }

    [Fact]
    public async Task GetFile_RefusalOfAnEndpointWithSecrets_ShowsNone()
    {
        using var hub = NewHub();
        hub.Override = _ => new ServerResponse(401).With("X-Error-Message", "token hf_SECRET is none, ask https://me:SECRET@hub/x?sig=SECRET \u009b31m");
        using var client = new HubClient(new HubOptions
        {
            Endpoint = hub.Server.Address.Replace("://", "://me:SECRET@", StringComparison.Ordinal) + "?sig=SECRET",
            Token = "hf_SECRET",
            CacheDirectory = hub.Cache,
            Variable = _ => null,
        });

        var exception = await Assert.ThrowsAsync<HubException>(() => client.GetFileAsync(FakeHub.Repository, Name, cancellationToken: Stop));

        Assert.DoesNotContain("SECRET", exception.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", exception.Address + client.Endpoint, StringComparison.Ordinal);
        Assert.DoesNotContain('\u009b', exception.Message);
        Assert.EndsWith("?sig=SECRET", Assert.Single(hub.Server.Requests).Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json", 64L << 20)]
    [InlineData("tokenizer.json", 512L << 20)]
    public void MostBytes_OfAFileThatIsRead_DependsOnItsKind(string name, long bytes) => Assert.Equal(bytes, HubLimits.MostBytes(name, Path.GetTempPath(), here: 0));

    [Fact]
    public void MostBytes_OfWeights_IsTheRoomOnTheDisk() => Assert.InRange(HubLimits.MostBytes(Name, Path.GetTempPath(), here: 0), 0, new DriveInfo(Path.GetTempPath()).TotalSize);

    [Fact]
    public async Task GetFile_NoLengthAndNoEnd_IsRefusedAtTheBoundOfItsKind()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = new byte[(65 << 20) + 1] } };
        hub.Override = request => new ServerResponse(200) { Body = hub.Files["config.json"], WithoutLength = true }.With("X-Repo-Commit", FakeHub.Commit).With("ETag", "\"endless\"");
        using var client = hub.Client();

        var exception = await Assert.ThrowsAsync<HubException>(() => client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop));

        Assert.Contains($"expected at most {64 << 20} bytes of such a file", exception.Message, StringComparison.Ordinal);
        Assert.All(Directory.EnumerateFiles(hub.Cache, "*", SearchOption.AllDirectories), file => Assert.Equal(0, new FileInfo(file).Length));
    }

    [Fact]
    public async Task GetFile_DeclaredBeyondTheBoundOfItsKind_IsRefusedBeforeItIsFetched()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = [1] } };
        hub.Override = request => hub.Answer(request).With("X-Linked-Size", "70000000000");
        using var client = hub.Client();

        await Assert.ThrowsAsync<HubException>(() => client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop));

        Assert.Empty(hub.Server.Of("GET"));
    }

    [Fact]
    public async Task GetFile_NobodyListens_SaysSo()
    {
        using var hub = NewHub();
        hub.Server.Dispose();
        var exception = await FailAsync(hub);
        Assert.Null(exception.StatusCode);
        Assert.Contains("HF_HUB_OFFLINE", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetFile_HubIsSilent_TimesOutAndGivesUp()
    {
        using var hub = NewHub();
        hub.Override = _ => new ServerResponse(200) { Silent = true };
        using var client = hub.Client(retries: 1, timeout: TimeSpan.FromMilliseconds(50));
        var exception = await Assert.ThrowsAsync<HubException>(() => client.GetFileAsync(FakeHub.Repository, Name, cancellationToken: Stop));
        Assert.Contains("nothing came", exception.Message, StringComparison.Ordinal);
    }

    internal static FakeHub NewHub() => new() { Files = { [Name] = Content } };

    internal static async Task<byte[]> FetchAsync(FakeHub hub, string? token = null)
    {
        using var client = hub.Client(token: token);
        string path = await client.GetFileAsync(FakeHub.Repository, Name, cancellationToken: Stop);
        Assert.False(File.Exists(string.Create(CultureInfo.InvariantCulture, $"{hub.Blob(Name)}.incomplete")));
        return await File.ReadAllBytesAsync(path, Stop);
    }

    internal static async Task<HubException> FailAsync(FakeHub hub, bool blobGone = true)
    {
        using var client = hub.Client();
        var exception = await Assert.ThrowsAsync<HubException>(() => client.GetFileAsync(FakeHub.Repository, Name, cancellationToken: Stop));
        Assert.Equal(blobGone, !File.Exists(hub.Blob(Name)));
        if (blobGone)
            Assert.False(Directory.Exists(Path.Combine(hub.Cache, "models--owner--model", "snapshots")));
        return exception;
    }

    private static void WriteIncomplete(FakeHub hub, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(hub.Blob(Name))!);
        File.WriteAllBytes(hub.Blob(Name) + ".incomplete", bytes);
    }
}
