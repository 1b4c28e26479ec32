using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests;

/// <summary>Models by their id, out of the cache alone.</summary>
public class HubModelTests(TinyModels models) : IClassFixture<TinyModels>
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    [Fact]
    public void Model_InTheCache_IsFoundOffline()
    {
        var repository = Directory.CreateDirectory(models.At("cache/models--tiny--bert")).FullName;
        Directory.CreateDirectory(Path.Combine(repository, "refs"));
        File.WriteAllText(Path.Combine(repository, "refs", "main"), Commit);
        var snapshot = Directory.CreateDirectory(Path.Combine(repository, "snapshots", Commit)).FullName;
        foreach (var file in Directory.EnumerateFiles(models.Bert))
            File.Copy(file, Path.Combine(snapshot, Path.GetFileName(file)));

        string[][] verbs = [["fill-mask", "--model", "tiny/bert", "--json", "the [MASK]"], ["tokenize", "--model", "tiny/bert", "--revision", Commit, "--json", "cats"]];

        foreach (var verb in verbs)
        {
            var local = verb.Except(["--revision", Commit]).Select(word => word == "tiny/bert" ? models.Bert : word).ToArray();
            Assert.Equal(Tool.Run(local).IsDone().Output, Offline(verb).IsDone().Output);
        }
    }

    [Theory]
    [InlineData("main")]
    [InlineData(Commit)]
    public void Model_InTheCacheWhileTheHubIsDown_OpensAndSaysIt(string revision)
    {
        var snapshot = Directory.CreateDirectory(models.At($"down-{revision}/models--tiny--bert/snapshots/{Commit}")).FullName;
        var refs = Directory.CreateDirectory(models.At($"down-{revision}/models--tiny--bert/refs")).FullName;
        File.WriteAllText(Path.Combine(refs, "main"), Commit);
        foreach (var file in Directory.EnumerateFiles(models.Bert))
            File.Copy(file, Path.Combine(snapshot, Path.GetFileName(file)));
        var environment = new Dictionary<string, string> { ["HF_ENDPOINT"] = "http://me:SECRET@127.0.0.1:9/?sig=SECRET", ["HF_HUB_CACHE"] = models.At($"down-{revision}") };

        var found = Tool.RunWith(null, environment, "fill-mask", "--model", "tiny/bert", "--revision", revision, "--top", "1", "--json", "the [MASK]").IsDone();

        Assert.Single(found.Objects);
        Assert.Contains("does not answer", found.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", found.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", Tool.RunWith(null, environment, "doctor").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_NotInTheCache_FailsOfflineAndSaysWhy() =>
        Offline("embed", "--model", "nobody/nothing", "a").IsFailure(1, "nobody/nothing", "no directory or file here", "HF_HUB_OFFLINE");

    private CliResult Offline(params string[] arguments) =>
        Tool.RunWith(null, new Dictionary<string, string> { ["HF_HUB_OFFLINE"] = "1", ["HF_HUB_CACHE"] = models.At("cache") }, arguments);
}
