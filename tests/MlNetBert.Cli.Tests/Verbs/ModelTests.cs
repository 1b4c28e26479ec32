using System.Globalization;
using System.Text.Json;
using MlNetBert.Cli.Tests.Support;
using MlNetBert.Tests.Common;

namespace MlNetBert.Cli.Tests.Verbs;

/// <summary>inspect, verify and convert.</summary>
public class ModelTests(TinyModels models) : IClassFixture<TinyModels>
{
    public static TheoryData<string> References => ReferenceNames.All;

    [Fact]
    public void Inspect_Json_TellsWhatTheModelIsMadeOf()
    {
        var result = Tool.Run("inspect", models.Bert, "--json").Object;

        Assert.Equal("bert", result.GetProperty("architecture").GetString());
        Assert.Equal("BertForMaskedLM", result.GetProperty("class").GetString());
        Assert.Equal(2, result.GetProperty("layers").GetInt32());
        Assert.Equal("F32", result.GetProperty("dtype").GetString());
        Assert.Equal(TinyModels.Pieces.Length, result.GetProperty("tokenizer").GetProperty("size").GetInt32());
        Assert.Equal(4, result.GetProperty("tokenizer").GetProperty("special_tokens").GetProperty("[MASK]").GetInt32());
        Assert.Contains(result.GetProperty("tensors").EnumerateArray(), tensor => tensor.GetProperty("name").GetString() == "bert.embeddings.word_embeddings.weight");
        Assert.Equal(result.GetProperty("weight_bytes").GetInt64(), result.GetProperty("parameters").GetInt64() * 4);
        Assert.Equal(0, result.GetProperty("missing").GetArrayLength());
        Assert.Equal(0, result.GetProperty("unused").GetArrayLength());
    }

    [Fact]
    public void Inspect_CheckpointOfAnotherHead_TellsWhatIsMissingAndUnused()
    {
        var model = models.Copy(TestFiles.GoldenModel("bert-sequence-classification"), "classifier");
        var config = Path.Combine(model, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("BertForSequenceClassification", "BertForMaskedLM", StringComparison.Ordinal));

        var result = Tool.Run("inspect", model, "--json").Object;

        Assert.Contains("classifier.weight", result.GetProperty("unused").EnumerateArray().Select(name => name.GetString()));
        Assert.Contains("cls.predictions.bias", result.GetProperty("missing").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(JsonValueKind.Null, result.GetProperty("tokenizer").ValueKind);
        Assert.NotNull(result.GetProperty("tokenizer_fault").GetString());
    }

    [Fact]
    public void Verify_Tolerance_DecidesAndMustBePositive()
    {
        var model = TestFiles.GoldenModel("xlnet-plm");
        string[] verify = ["verify", model, "--reference", Path.Combine(model, "reference.safetensors"), "--tolerance"];

        Assert.Equal(0, Tool.Run([.. verify, "1e-3"]).ExitCode);
        var refused = Tool.Run([.. verify, "1e-9"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("outputs within 1E-09 and gradients within 1E-08", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--tolerance must be a number above 0", Tool.Run([.. verify, "0"]).Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(References))]
    public void Verify_GoldenModel_Agrees(string name)
    {
        var model = TestFiles.GoldenModel(name);

        var tolerance = ReferenceNames.ToleranceOf(name);

        var result = Tool.Run(
            "verify", model, "--reference", Path.Combine(model, "reference.safetensors"), "--json",
            "--tolerance", tolerance.ToString(CultureInfo.InvariantCulture)).Object;

        Assert.InRange(result.GetProperty("largest_output_difference").GetDouble(), 0, tolerance);
        Assert.Equal(0, result.GetProperty("missing").GetArrayLength());
        Assert.All(result.GetProperty("compared").EnumerateArray(), key => Assert.Matches("^(output|grad)[.]", key.GetString()));
        if (name.EndsWith("-encoder", StringComparison.Ordinal))
            Assert.Equal(JsonValueKind.Null, result.GetProperty("largest_relative_gradient_difference").ValueKind);
        else
            Assert.InRange(result.GetProperty("largest_relative_gradient_difference").GetDouble(), 0, Math.Max(1e-4, tolerance));
    }

    [Fact]
    public void Verify_ReferenceOfOtherWeights_PrintsAndReturnsOne()
    {
        var model = models.Copy(TestFiles.GoldenModel("bert-mlm"), "half");
        var rounded = models.At("rounded");
        Tool.Run("convert", model, rounded, "--dtype", "bf16").IsDone();

        var result = Tool.Run("verify", rounded, "--reference", Path.Combine(model, "reference.safetensors"), "--json");

        result.IsFailure(1, "differs from the reference");
        Assert.InRange(Assert.Single(result.Objects).GetProperty("largest_output_difference").GetDouble(), 1e-4, 1);
    }

    [Fact]
    public void Convert_DirectoryToZipAndBack_IsTheSameModel()
    {
        var zip = models.At("tiny.zip");
        var back = models.At("back");

        var written = Tool.Run("convert", models.Bert, zip, "--json").Object;
        Tool.Run("convert", zip, back).IsDone();

        Assert.Equal("zip", written.GetProperty("kind").GetString());
        Assert.Equal("fp32", written.GetProperty("dtype").GetString());
        Assert.Equal(new FileInfo(zip).Length, written.GetProperty("bytes").GetInt64());
        foreach (var file in Directory.EnumerateFiles(models.Bert))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(back, Path.GetFileName(file))));
        foreach (var verb in new[] { new[] { "fill-mask", "--model", zip, "--json", "the [MASK]" }, ["embed", "--model", zip, "--json", "the cat"], ["tokenize", "--model", zip, "--json", "cats"] })
        {
            var fromDirectory = verb.Select(word => word == zip ? models.Bert : word).ToArray();
            Assert.Equal(Tool.Run(fromDirectory).IsDone().Output, Tool.Run(verb).IsDone().Output);
        }
    }

    [Fact]
    public void Convert_Zip_LoadsAndTransformsInMlNet()
    {
        var zip = models.At("pipeline.zip");
        Tool.Run("convert", models.ModernBert, zip).IsDone();
        var ml = new Microsoft.ML.MLContext();

        var pipeline = ml.Model.Load(zip, out var schema);
        using var engine = ml.Model.CreatePredictionEngine<TextLine, FillMaskPrediction>(pipeline);

        Assert.Contains(schema, column => column.Name == "Text");
        Assert.Equal(5, engine.Predict(new TextLine { Text = "the [MASK]" }).Tokens.Length);
    }

    [Theory]
    [InlineData("fp16", "F16")]
    [InlineData("bf16", "BF16")]
    public void Convert_Dtype_ChangesTheWeightsAndTheConfiguration(string dtype, string stored)
    {
        var output = models.At("as-" + dtype);

        Tool.Run("convert", models.ModernBert, output, "--dtype", dtype).IsDone();

        var result = Tool.Run("inspect", output, "--json").Object;
        Assert.Equal(stored, result.GetProperty("dtype").GetString());
        Assert.Contains(dtype == "fp16" ? "\"float16\"" : "\"bfloat16\"", File.ReadAllText(Path.Combine(output, "config.json")), StringComparison.Ordinal);
        var before = Tool.Run("fill-mask", "--model", models.ModernBert, "--json", "the [MASK]").Object.GetProperty("masks")[0][0].GetProperty("score").GetDouble();
        var after = Tool.Run("fill-mask", "--model", output, "--json", "the [MASK]").Object.GetProperty("masks")[0][0].GetProperty("score").GetDouble();
        Assert.Equal(before, after, 0.02);
    }

    [Fact]
    public void Convert_OverADirectoryOfSomethingElse_IsRefused()
    {
        var other = Directory.CreateDirectory(models.At("precious")).FullName;
        File.WriteAllText(Path.Combine(other, "thesis.txt"), "mine");

        Tool.Run("convert", models.Bert, other).IsFailure(1, "thesis.txt", "not replaced");

        Assert.Equal("mine", File.ReadAllText(Path.Combine(other, "thesis.txt")));
        Tool.Run("convert", models.Bert, models.Bert + "/").IsFailure(1, "is the model itself");
        Tool.Run("convert", models.Bert, Path.Combine(models.Bert, "sub")).IsFailure(1, "in the model's own directory");
        Directory.CreateSymbolicLink(models.At("alias"), models.Bert);
        Tool.Run("convert", models.Bert, models.At("alias")).IsFailure(1, "is the model itself");
        Tool.Run("convert", models.Bert, Path.Combine(models.At("alias"), "sub")).IsFailure(1, "in the model's own directory");
        Tool.Run("convert", models.Bert, Path.Combine(models.Bert, "m.zip")).IsFailure(1, "in the model's own directory");
        Tool.Run("convert", models.Bert, Path.GetPathRoot(models.Bert)!).IsFailure(1, "root of a file system");
    }

    [Fact]
    public void Convert_OverAFileThatIsNoModel_IsRefused()
    {
        var other = models.At("thesis.zip");
        File.WriteAllText(other, "mine");

        Tool.Run("convert", models.Bert, other).IsFailure(1, "thesis.zip", "not replaced");

        Assert.Equal("mine", File.ReadAllText(other));
    }

    [Theory]
    [InlineData("precious.safetensors")]
    [InlineData("README.md")]
    [InlineData("model.safetensors")]
    [InlineData("sub/config.json")]
    [InlineData("sub/")]
    public void Convert_OverADirectoryThatIsNoModel_IsRefused(string name)
    {
        var other = Directory.CreateDirectory(models.At("over-" + name.Replace('/', '-'))).FullName;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(other, name))!);
        if (!name.EndsWith('/'))
            File.WriteAllText(Path.Combine(other, name), "mine");

        Tool.Run("convert", models.Bert, other).IsFailure(1, name.TrimEnd('/'), "not replaced");

        Assert.True(Path.Exists(Path.Combine(other, name)));
        Assert.Single(Directory.EnumerateFileSystemEntries(other));
    }

    [Fact]
    public void Convert_OverAModelWithSomethingElse_IsRefusedAndOverAModelAloneIsNot()
    {
        var model = models.Copy(models.Bert, "replaced");
        var precious = Path.Combine(model, "precious.safetensors");
        File.WriteAllText(precious, "mine");

        Tool.Run("convert", models.ModernBert, model).IsFailure(1, "precious.safetensors", "not replaced");
        Assert.Equal("mine", File.ReadAllText(precious));
        File.Delete(precious);
        Tool.Run("convert", models.ModernBert, model).IsDone();

        Assert.Contains("modernbert", File.ReadAllText(Path.Combine(model, "config.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_LinkOutOfTheModel_IsRefusedBeforeAnythingIsWritten()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        var model = models.Copy(models.Bert, "linked");
        File.CreateSymbolicLink(Path.Combine(model, "README.md"), "/etc/passwd");

        Tool.Run("convert", model, models.At("linked-out")).IsFailure(1, "README.md", "/etc/passwd");
        Tool.Run("convert", model, models.At("linked-out.zip")).IsFailure(1, "README.md", "/etc/passwd");
        Tool.Run("fill-mask", "--model", model, "the [MASK]").IsFailure(1, "README.md");

        Assert.False(Path.Exists(models.At("linked-out")));
        Assert.False(Path.Exists(models.At("linked-out.zip")));
    }
}
