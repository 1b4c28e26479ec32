using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests;

public class DamagedModelTests(TinyModels models) : IClassFixture<TinyModels>
{
    public static TheoryData<string> Names => ["./none", "/none/at/all", "none", "none.zip", "~/none"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Model_Missing_Fails(string name) => Tool.Run("embed", "--model", name, "a").IsFailure(1, $"There is no model '{name}'");

    [Fact]
    public void Zip_WithoutATemporaryDirectory_IsNotBlamed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' temporary directory is named otherwise.");
        Tool.Run("convert", models.Bert, models.At("good.zip")).IsDone();

        var result = Tool.RunWith(null, new Dictionary<string, string> { ["TMPDIR"] = "/nonexistent/tmp" }, "fill-mask", "--model", models.At("good.zip"), "a [MASK]");

        result.IsFailure(1, "/nonexistent/tmp", "TMPDIR");
        Assert.DoesNotContain("no ML.NET zip", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_MissingInADirectoryThatIsThere_FailsWithoutAskingTheHub()
    {
        var name = Path.GetRelativePath(Environment.CurrentDirectory, models.Bert).Replace('\\', '/');
        Directory.CreateDirectory("runs-of-tests");
        try
        {
            Tool.Run("embed", "--model", "runs-of-tests/none", "a").IsFailure(1, "There is no model 'runs-of-tests/none'");
            Tool.Run("embed", "--model", name, "--json", "a").IsDone();
        }
        finally
        {
            Directory.Delete("runs-of-tests");
        }
    }

    [Fact]
    public void Model_TruncatedWeights_FailsForEveryVerbThatOpensThem()
    {
        var model = models.Copy(models.Bert, "truncated");
        var weights = Path.Combine(model, "model.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^100]);
        var reference = Path.Combine(TestFiles.GoldenModel("bert-mlm"), "reference.safetensors");

        foreach (var arguments in new[]
        {
            new[] { "fill-mask", "--model", model, "a [MASK]" }, ["embed", "--model", model, "a"], ["evaluate", "--model", model, "--data", models.Text], ["inspect", model],
            ["verify", model, "--reference", reference], ["convert", model, models.At("from-truncated")], ["convert", model, models.At("from-truncated.zip")],
        })
        {
            Tool.Run(arguments).IsFailure(1, "model.safetensors");
        }

        Assert.False(Path.Exists(models.At("from-truncated")));
        Assert.False(Path.Exists(models.At("from-truncated.zip")));
    }

    [Fact]
    public void Model_WithoutConfiguration_Fails()
    {
        var model = models.Copy(models.Bert, "unconfigured");
        File.Delete(Path.Combine(model, "config.json"));

        Tool.Run("fill-mask", "--model", model, "--json", "a [MASK]").IsFailure(1, "config.json", "is missing");
    }

    [Fact]
    public void Model_OtherShapesThanTheConfiguration_Fails()
    {
        var model = models.Copy(models.Bert, "contradicting");
        var config = Path.Combine(model, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"intermediate_size\": 512", "\"intermediate_size\": 256", StringComparison.Ordinal));

        Tool.Run("embed", "--model", model, "a").IsFailure(1, "[512, 128]", "[256, 128]");
    }

    [Fact]
    public void Model_ZipOfSomethingElse_Fails()
    {
        var zip = models.At("else.zip");
        using (var archive = System.IO.Compression.ZipFile.Open(zip, System.IO.Compression.ZipArchiveMode.Create))
            archive.CreateEntry("hello.txt");
        var text = models.At("text.zip");
        File.WriteAllText(text, "not a zip");

        Tool.Run("fill-mask", "--model", zip, "a").IsFailure(1, zip);
        Tool.Run("inspect", text).IsFailure(1, text);
        Tool.Run("inspect", Path.Combine(models.Bert, "model.safetensors")).IsFailure(1, "name the directory");
    }

    [Fact]
    public void Model_DamagedZip_Fails()
    {
        var zip = models.At("damaged.zip");
        Tool.Run("convert", models.Bert, zip).IsDone();
        var bytes = File.ReadAllBytes(zip);
        bytes[bytes.Length / 2] ^= 0xFF;
        File.WriteAllBytes(zip, bytes);

        Tool.Run("fill-mask", "--model", zip, "a [MASK]").IsFailure(1, zip);
    }

    [Fact]
    public void Reference_Damaged_Fails()
    {
        var file = models.At("reference.safetensors");
        File.WriteAllText(file, "short");

        Tool.Run("verify", models.Bert, "--reference", file).IsFailure(1, "reference.safetensors");
    }
}
