using MlNetBert.HuggingFace.Hub;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Hub;

public sealed class HubSettingsTests
{
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [Fact]
    public void CacheDirectory_Variables_TakePrecedenceAsInPython()
    {
        Assert.Equal(Path.Combine(Home, ".cache", "huggingface", "hub"), Read().CacheDirectory);
        Assert.Equal(Path.GetFullPath("/x/huggingface/hub"), Read(("XDG_CACHE_HOME", "/x")).CacheDirectory);
        Assert.Equal(Path.GetFullPath("/h/hub"), Read(("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/h")).CacheDirectory);
        Assert.Equal(Path.GetFullPath("/c"), Read(("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/h"), ("HF_HUB_CACHE", "/c")).CacheDirectory);
        Assert.Equal(Path.Combine(Home, "c"), Read(("HF_HUB_CACHE", "~/c")).CacheDirectory);
        Assert.Equal(Path.GetFullPath("/h/hub"), Read(("HF_HOME", "/h"), ("HF_HUB_CACHE", "")).CacheDirectory);
    }

    [Fact]
    public void Endpoint_TrailingSlash_IsStripped()
    {
        Assert.Equal("https://huggingface.co", Read().Endpoint);
        Assert.Equal("https://mirror.example/hub", Read(("HF_ENDPOINT", "https://mirror.example/hub/")).Endpoint);
    }

    [Fact]
    public void Endpoint_UserPasswordAndQuery_AreUsedAndNotShown()
    {
        var settings = Read(("HF_ENDPOINT", "https://me:p%40ss@mirror.example:8443/hub/?sig=SECRET"));

        Assert.Equal("https://mirror.example:8443/hub", settings.Endpoint);
        Assert.Equal("?sig=SECRET", settings.Query);
        Assert.Equal("Basic " + Convert.ToBase64String("me:p@ss"u8), settings.Authorization);
        Assert.Equal("Bearer hf_x", Read(("HF_ENDPOINT", "https://me:p@mirror.example"), ("HF_TOKEN", "hf_x")).Authorization);
        var fault = Assert.Throws<InvalidOptionsException>(() => Read(("HF_ENDPOINT", "ftp://me:SECRET@mirror.example/?sig=SECRET")));
        Assert.DoesNotContain("SECRET", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("me:SECRET@mirror.example")]
    [InlineData("//me:SECRET@mirror.example")]
    [InlineData("http://me:SE/CRET@mirror.example")]
    [InlineData("mirror.example/hub?sig=SECRET")]
    public void Endpoint_ThatIsNoAddress_IsNamedByItsVariableAndShowsNoSecret(string endpoint)
    {
        var fault = Assert.Throws<InvalidOptionsException>(() => Read(("HF_ENDPOINT", endpoint)));

        Assert.Contains("HF_ENDPOINT must be an address", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CRET", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Token_WithASpace_IsNamedByItsVariable() =>
        Assert.Contains("HF_TOKEN", Assert.Throws<InvalidOptionsException>(() => Read(("HF_TOKEN", "a b"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1", true)]
    [InlineData("on", true)]
    [InlineData("Yes", true)]
    [InlineData("TRUE", true)]
    [InlineData("0", false)]
    [InlineData("2", false)]
    [InlineData("", false)]
    public void Offline_Variable_IsReadAsInPython(string value, bool expected) => Assert.Equal(expected, Read(("HF_HUB_OFFLINE", value)).Offline);

    [Fact]
    public void Token_VariableThenFile()
    {
        using var directory = new TemporaryDirectory();
        Assert.Equal("", Read(("HF_HOME", directory.Path)).Token);
        File.WriteAllText(directory.File("token"), "hf_file\n");
        File.WriteAllText(directory.File("other"), "hf_other\n");
        Assert.Equal("hf_file", Read(("HF_HOME", directory.Path)).Token);
        Assert.Equal("hf_other", Read(("HF_HOME", directory.Path), ("HF_TOKEN_PATH", directory.File("other"))).Token);
        Assert.Equal("hf_variable", Read(("HF_HOME", directory.Path), ("HF_TOKEN", " hf_variable ")).Token);
    }

    [Fact]
    public void Constructor_BadOptions_ListsEveryFaultAndNotTheToken()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new HubClient(new HubOptions
        {
            Endpoint = "ftp://x",
            Token = "a secret",
            MaxRetries = -1,
            Timeout = TimeSpan.Zero,
        }));
        Assert.Equal(4, exception.Errors.Count);
        Assert.Equal("HubOptions", exception.OptionsName);
        Assert.DoesNotContain("a secret", exception.Message, StringComparison.Ordinal);
        Assert.All(["Endpoint", "Token", "Retries", "Timeout"], name => Assert.Contains(name, exception.Message, StringComparison.Ordinal));
    }

    private static HubSettings Read(params (string Name, string Value)[] variables)
    {
        var values = variables.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        return new HubSettings(new HubOptions { Variable = name => values.GetValueOrDefault(name) });
    }
}
