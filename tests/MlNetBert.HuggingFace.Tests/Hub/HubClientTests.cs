using System.Text;
using MlNetBert.HuggingFace.Hub;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Hub;

public sealed class HubClientTests
{
    private static readonly byte[] Config = Encoding.UTF8.GetBytes("""{"model_type": "bert"}""");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetFile_NotInCache_LaysOutTheCacheAsPythonDoes()
    {
        using var hub = new FakeHub { Files = { ["1_Pooling/config.json"] = Config } };
        using var client = hub.Client();

        string path = await client.GetFileAsync(FakeHub.Repository, "1_Pooling/config.json", cancellationToken: Stop);

        string repository = Path.Combine(hub.Cache, "models--owner--model");
        Assert.Equal(Path.Combine(repository, "snapshots", FakeHub.Commit, "1_Pooling", "config.json"), path);
        Assert.Equal(Config, await File.ReadAllBytesAsync(path, Stop));
        Assert.Equal(FakeHub.Commit, await File.ReadAllTextAsync(Path.Combine(repository, "refs", "main"), Stop));
        Assert.Equal(Config, await File.ReadAllBytesAsync(hub.Blob("1_Pooling/config.json"), Stop));
        Assert.Single(Directory.GetFiles(Path.Combine(repository, "blobs")));
        if (!OperatingSystem.IsWindows())
            Assert.Equal($"../../../blobs/{FakeHub.Etag(Config)}", new FileInfo(path).LinkTarget);
        Assert.Equal("identity", hub.Server.Of("HEAD")[0].Header("Accept-Encoding"));
    }

    [Fact]
    public async Task GetFile_SecondTime_AsksButDoesNotDownload()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using var client = hub.Client();
        string first = await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop);
        string second = await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop);
        Assert.Equal(first, second);
        Assert.Single(hub.Server.Of("GET"));
        Assert.Equal(2, hub.Server.Of("HEAD").Count);
    }

    [Fact]
    public async Task GetFile_CommitInCache_DoesNotAsk()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using var client = hub.Client();
        await client.GetFileAsync(FakeHub.Repository, "config.json", FakeHub.Commit, cancellationToken: Stop);
        int before = hub.Server.Requests.Count;
        await client.GetFileAsync(FakeHub.Repository, "config.json", FakeHub.Commit, cancellationToken: Stop);
        Assert.Equal(before, hub.Server.Requests.Count);
        Assert.False(Directory.Exists(Path.Combine(hub.Cache, "models--owner--model", "refs")));
    }

    [Fact]
    public async Task GetFile_RevisionWithSlash_IsEscapedAndKept()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using var client = hub.Client();
        await client.GetFileAsync(FakeHub.Repository, "config.json", "refs/pr/1", cancellationToken: Stop);
        Assert.Equal("/owner/model/resolve/refs%2Fpr%2F1/config.json", hub.Server.Of("GET")[0].Path);
        Assert.Equal(FakeHub.Commit, await File.ReadAllTextAsync(Path.Combine(hub.Cache, "models--owner--model", "refs", "refs", "pr", "1"), Stop));
    }

    [Fact]
    public async Task GetFile_Dataset_HasItsOwnAddressAndFolder()
    {
        using var hub = new FakeHub { Files = { ["data.txt"] = Config } };
        hub.Override = request => request.Path.StartsWith("/datasets/", StringComparison.Ordinal)
            ? hub.Answer(request with { Path = request.Path["/datasets".Length..] })
            : new ServerResponse(404);
        using var client = hub.Client();
        string path = await client.GetFileAsync(FakeHub.Repository, "data.txt", kind: HubRepositoryKind.Dataset, cancellationToken: Stop);
        Assert.Contains("datasets--owner--model", path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetFile_Offline_FindsByRefWithoutTheNetwork()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using (var online = hub.Client())
            await online.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop);
        int before = hub.Server.Requests.Count;
        hub.Environment["HF_HUB_OFFLINE"] = "yes";
        using var client = hub.Client();

        Assert.True(client.IsOffline);
        Assert.Equal(Config, await File.ReadAllBytesAsync(await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop), Stop));
        var missing = await Assert.ThrowsAsync<HubException>(() => client.GetFileAsync(FakeHub.Repository, "vocab.txt", cancellationToken: Stop));
        Assert.Contains("HF_HUB_OFFLINE", missing.Message, StringComparison.Ordinal);
        Assert.Equal(before, hub.Server.Requests.Count);
    }

    [Fact]
    public async Task GetFile_HubDownButCached_GivesTheCachedFile()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using var client = hub.Client();
        string first = await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop);
        hub.Override = _ => new ServerResponse(503);
        Assert.Equal(first, await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop));
        hub.Override = _ => new ServerResponse(403);
        await Assert.ThrowsAsync<HubException>(() => client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop));
    }

    [Fact]
    public async Task GetFile_HubThatAsksToWaitLongButCached_GivesTheCachedFile()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using var client = hub.Client();
        string first = await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop);
        hub.Override = _ => new ServerResponse(429).With("Retry-After", "3600");
        Assert.Equal(first, await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop));
    }

    [Fact]
    public async Task GetFile_LinkWhoseBlobIsGone_IsFetchedAgain()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The cache holds copies where links are not to be had.");
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using var client = hub.Client();
        string path = await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop);
        File.Delete(File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName);

        Assert.Null(client.FindCachedFile(FakeHub.Repository, "config.json"));
        Assert.Equal(path, await client.GetFileAsync(FakeHub.Repository, "config.json", FakeHub.Commit, cancellationToken: Stop));
        Assert.Equal(Config, await File.ReadAllBytesAsync(path, Stop));
    }

    [Fact]
    public async Task GetFile_ThroughAHandlerOrClientOfTheCallers_GoesThroughIt()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using var handler = new CountingHandler();
        using var client = new HubClient(new HubOptions { Handler = handler, Endpoint = hub.Server.Address, CacheDirectory = hub.Cache, Token = "", Offline = false });
        Assert.Equal(Config, await File.ReadAllBytesAsync(await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop), Stop));
        Assert.NotEqual(0, handler.Requests);

        using var http = new HttpClient(handler, disposeHandler: false);
        var before = handler.Requests;
        using (var other = new HubClient(http, new HubOptions { Endpoint = hub.Server.Address, CacheDirectory = hub.Cache + "2", Token = "", Offline = false }))
            Assert.Equal(Config, await File.ReadAllBytesAsync(other.GetFile(FakeHub.Repository, "config.json", cancellationToken: Stop), Stop));
        Assert.True(handler.Requests > before);
        using var still = await http.GetAsync(new Uri(hub.Server.Address), Stop); // neither is disposed of
    }

    [Fact]
    public void Constructor_HandlerThatFollowsRedirects_IsRefused()
    {
        using var sockets = new SocketsHttpHandler();
        using var chain = new CountingHandler { InnerHandler = new HttpClientHandler() };
        foreach (var handler in (HttpMessageHandler[])[sockets, chain])
            Assert.Contains("Handler", Assert.Throws<InvalidOptionsException>(() => new HubClient(new HubOptions { Handler = handler })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetFile_CanceledWhileTheHubIsSilent_Stops()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config }, Override = _ => new ServerResponse(200) { Silent = true } };
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var client = hub.Client(timeout: TimeSpan.FromHours(1));
        source.CancelAfter(TimeSpan.FromMilliseconds(200));
        Assert.ThrowsAny<OperationCanceledException>(() => client.GetFile(FakeHub.Repository, "config.json", cancellationToken: source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => client.GetSnapshot(FakeHub.Repository, ["config.json"], cancellationToken: source.Token));
    }

    [Theory]
    [InlineData(FakeHub.Commit)]
    [InlineData(HubClient.DefaultRevision)]
    public async Task GetSnapshot_HubDownAndOptionalFilesNeverAskedFor_OpensAtOnceAndSaysIt(string revision)
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using (var client = hub.Client())
            await client.GetSnapshotAsync(FakeHub.Repository, ["config.json"], cancellationToken: Stop);
        hub.Override = _ => new ServerResponse(503);
        var said = new List<string>();
        using var down = hub.Client(listener: said.Add);
        var before = hub.Server.Requests.Count;

        await down.GetSnapshotAsync(FakeHub.Repository, ["config.json"], ["README.md", "modules.json", "tokenizer.json"], revision, cancellationToken: Stop);

        Assert.Equal(before + 1, hub.Server.Requests.Count);
        Assert.Empty(hub.Waits);
        Assert.Contains("does not answer", Assert.Single(said), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FakeHub.Commit)]
    [InlineData(HubClient.DefaultRevision)]
    public async Task GetSnapshot_CacheThatCannotBeWritten_OpensWithoutWhatItLacks(string revision)
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config, ["README.md"] = [1], ["modules.json"] = [2] } };
        using (var client = hub.Client())
            await client.GetSnapshotAsync(FakeHub.Repository, ["config.json"], cancellationToken: Stop);
        var said = new List<string>();
        using var closed = hub.Client(listener: said.Add);
        Directory.Delete(Path.Combine(hub.Cache, ".locks"), recursive: true);
        await File.WriteAllTextAsync(Path.Combine(hub.Cache, ".locks"), "", Stop); // a file in a directory's place: nobody can write there, root neither
        await File.WriteAllTextAsync(Path.Combine(hub.Cache, "models--owner--model", ".no_exist"), "", Stop);

        var snapshot = await closed.GetSnapshotAsync(FakeHub.Repository, ["config.json"], ["README.md", "modules.json", "tokenizer.json"], revision, cancellationToken: Stop);

        Assert.Equal(["config.json"], Directory.GetFiles(snapshot).Select(Path.GetFileName));
        Assert.Equal(2, said.Count);
        Assert.All(said, line => Assert.Contains("is left out", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task GetFile_NewerCommitThatTheCacheCannotTake_GivesTheCachedFileAndSaysIt()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using (var client = hub.Client())
            await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop);
        Directory.Delete(Path.Combine(hub.Cache, ".locks"), recursive: true);
        await File.WriteAllTextAsync(Path.Combine(hub.Cache, ".locks"), "", Stop);
        hub.Files["config.json"] = [9, 9];
        hub.Override = request => hub.Answer(request).With("X-Repo-Commit", "ffffffffffffffffffffffffffffffffffffffff");
        var said = new List<string>();
        using var closed = hub.Client(listener: said.Add);

        var path = await closed.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop);

        Assert.Equal(Config, await File.ReadAllBytesAsync(path, Stop));
        Assert.Contains("newer", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetSnapshot_HubSilentButCached_WaitsAMomentOnly()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using (var client = hub.Client())
            await client.GetSnapshotAsync(FakeHub.Repository, ["config.json"], cancellationToken: Stop);
        hub.Override = _ => new ServerResponse(200) { Silent = true };
        var said = new List<string>();
        using var silent = hub.Client(timeout: TimeSpan.FromHours(1), listener: said.Add);

        await silent.GetSnapshotAsync(FakeHub.Repository, ["config.json"], ["README.md"], cancellationToken: Stop); // or the test never ends

        Assert.Contains("nothing came for 1 seconds", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetSnapshot_FirstDownloadWhereATokenizerFileFails_IsRefused()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config, ["tokenizer.json"] = [1], ["README.md"] = [1] } };
        hub.Override = request => request.Path.EndsWith("/tokenizer.json", StringComparison.Ordinal) ? new ServerResponse(503) : null;
        using var client = hub.Client();
        await Assert.ThrowsAsync<HubException>(() => client.GetSnapshotAsync(FakeHub.Repository, ["config.json"], ["tokenizer.json"], "other", cancellationToken: Stop));

        hub.Override = request => request.Path.EndsWith("/README.md", StringComparison.Ordinal) ? new ServerResponse(503) : null;
        var snapshot = await client.GetSnapshotAsync(FakeHub.Repository, ["config.json"], ["README.md", "tokenizer.json"], "another", cancellationToken: Stop);

        Assert.False(File.Exists(Path.Combine(snapshot, "README.md")));
    }

    [Fact]
    public async Task GetFile_NewCommitSameContent_LinksWithoutDownload()
    {
        const string Next = "ffffffffffffffffffffffffffffffffffffffff";
        using var hub = new FakeHub { Files = { ["config.json"] = Config } };
        using var client = hub.Client();
        await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop);
        hub.Override = request => hub.Answer(request).With("X-Repo-Commit", Next);
        string path = await client.GetFileAsync(FakeHub.Repository, "config.json", cancellationToken: Stop);
        Assert.Contains(Next, path, StringComparison.Ordinal);
        Assert.Equal(Config, await File.ReadAllBytesAsync(path, Stop));
        Assert.Single(hub.Server.Of("GET"));
    }

    [Fact]
    public async Task GetSnapshot_WantedAndOptional_OneDirectoryAndMissingOnesAskedOnce()
    {
        using var hub = new FakeHub { Files = { ["config.json"] = Config, ["vocab.txt"] = [1, 2], ["modules.json"] = [3] } };
        using var client = hub.Client();
        string[] optional = ["modules.json", "tokenizer.json"];
        string snapshot = await client.GetSnapshotAsync(FakeHub.Repository, ["config.json", "vocab.txt"], optional, cancellationToken: Stop);
        Assert.Equal(["config.json", "modules.json", "vocab.txt"], Directory.GetFiles(snapshot).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        int before = hub.Server.Requests.Count;
        await client.GetSnapshotAsync(FakeHub.Repository, ["config.json", "vocab.txt"], optional, cancellationToken: Stop);
        Assert.Equal(before + 1, hub.Server.Requests.Count); // the revision alone

        using var offline = hub.Client(offline: true);
        Assert.Equal(snapshot, await offline.GetSnapshotAsync(FakeHub.Repository, ["config.json", "vocab.txt"], optional, cancellationToken: Stop));
        Assert.Throws<HubException>(() => client.GetSnapshot(FakeHub.Repository, ["config.json", "absent.bin"]));
    }

    [Fact]
    public async Task GetFile_TwoClientsAtOnce_DownloadOnce()
    {
        byte[] content = new byte[3_000_000];
        new Random(1).NextBytes(content);
        using var hub = new FakeHub { Files = { ["model.safetensors"] = content } };
        using var first = hub.Client();
        using var second = hub.Client();
        string[] paths = await Task.WhenAll(Enumerable.Range(0, 6).Select(i =>
            Task.Run(() => (i % 2 == 0 ? first : second).GetFileAsync(FakeHub.Repository, "model.safetensors", cancellationToken: Stop), Stop)));
        Assert.Single(paths.Distinct(StringComparer.Ordinal));
        Assert.Equal(content, await File.ReadAllBytesAsync(paths[0], Stop));
        Assert.Single(hub.Server.Of("GET"));
    }

    [Fact]
    public async Task GetFile_Progress_GrowsToTheWhole()
    {
        byte[] content = new byte[5_000_000];
        using var hub = new FakeHub { Files = { ["model.safetensors"] = content } };
        var seen = new List<HubProgress>();
        using var client = hub.Client(progress: new Recorder(seen));
        await client.GetFileAsync(FakeHub.Repository, "model.safetensors", cancellationToken: Stop);
        Assert.Equal(seen.Select(progress => progress.BytesReceived).Order(), seen.Select(progress => progress.BytesReceived));
        Assert.Equal(new HubProgress(FakeHub.Repository, "model.safetensors", content.Length, content.Length), seen[^1]);
        Assert.InRange(seen.Count, 2, 7);
    }

    [Fact]
    public async Task GetFile_Cancelled_KeepsThePartForTheNextTime()
    {
        byte[] content = new byte[100_000];
        using var hub = new FakeHub { Files = { ["model.safetensors"] = content } };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        hub.Override = request => request.Method == "GET" ? hub.Answer(request) with { CloseAfter = 40_000 } : null;
        using var client = hub.Client(progress: new Canceller(stop, 40_000));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetFileAsync(FakeHub.Repository, "model.safetensors", cancellationToken: stop.Token));
        Assert.False(File.Exists(hub.Blob("model.safetensors")));
        hub.Override = null;
        using var again = hub.Client();
        await again.GetFileAsync(FakeHub.Repository, "model.safetensors", cancellationToken: Stop);
        Assert.True(hub.Server.Of("GET")[^1].From > 0);
    }

    private sealed class Recorder(List<HubProgress> seen) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => seen.Add(value);
    }

    private sealed class Canceller(CancellationTokenSource stop, long bytes) : IProgress<HubProgress>
    {
        public void Report(HubProgress value)
        {
            if (value.BytesReceived >= bytes / 2)
                stop.Cancel();
        }
    }

    private sealed class CountingHandler() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
