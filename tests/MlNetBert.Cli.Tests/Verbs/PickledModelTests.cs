using MlNetBert.Cli.Tests.Support;
using MlNetBert.Tests.Common;

namespace MlNetBert.Cli.Tests.Verbs;

/// <summary>pytorch_model.bin in every verb that opens a model.</summary>
public class PickledModelTests(TinyModels models) : IClassFixture<TinyModels>
{
    [Fact]
    public void EveryVerb_GivesWhatItGivesOfSafetensors()
    {
        var model = models.Copy(models.Bert, "pickled");
        TorchFile.Replace(model);
        string[][] verbs =
        [
            ["fill-mask", "--json", "--model", model, "the [MASK]"], ["embed", "--json", "--model", model, "the cat"],
            ["tokenize", "--json", "--model", model, "cats"],
            ["evaluate", "--json", "--model", model, "--data", models.Text, "--block", "16"],
        ];

        foreach (var verb in verbs)
        {
            var expected = Tool.Run([.. verb.Select(word => word == model ? models.Bert : word)]).IsDone();
            var found = Tool.Run(verb).IsDone();
            Assert.Equal(expected.Output.Replace(models.Bert, model, StringComparison.Ordinal), found.Output);
        }
    }

    [Fact]
    public void Pretrain_FromAPickle_WritesSafetensors()
    {
        var model = models.Copy(models.Bert, "pickled-base");
        TorchFile.Replace(model, shards: 2);
        var output = models.At("pretrained");

        Tool.Run("pretrain", "--from", model, "--data", models.Text, "--block", "16", "--max-steps", "1", "--device", "cpu", "--output",
            output).IsDone();

        Assert.True(File.Exists(Path.Combine(output, "model.safetensors")));
        Assert.Empty(Directory.EnumerateFiles(output, "*.bin*", SearchOption.AllDirectories));
        Tool.Run("fill-mask", "--model", output, "the [MASK]").IsDone();
    }

    [Fact]
    public void VerifyInspectAndConvert_TakeADirectoryWithoutATokenizer()
    {
        var golden = TestFiles.GoldenModel("bert-mlm");
        var model = models.Copy(golden, "pickled-golden");
        var reference = models.At("reference.safetensors");
        File.Move(Path.Combine(model, "reference.safetensors"), reference);
        TorchFile.Replace(model);

        Assert.Equal(
            Tool.Run("inspect", golden, "--json").Object.GetProperty("tensors").ToString(),
            Tool.Run("inspect", model, "--json").Object.GetProperty("tensors").ToString());
        Tool.Run("verify", model, "--reference", reference).IsDone();
        Tool.Run("convert", model, models.At("golden-converted")).IsDone();
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(golden, "model.safetensors")),
            File.ReadAllBytes(Path.Combine(models.At("golden-converted"), "model.safetensors")));
    }

    [Theory]
    [InlineData("bfloat16")]
    [InlineData("buffers")]
    [InlineData("deduplicated-names")]
    [InlineData("gamma-beta")]
    [InlineData("legacy")]
    [InlineData("nested")]
    [InlineData("sharded")]
    [InlineData("tied")]
    [InlineData("transposed")]
    public void Inspect_LayoutsOfTorchSave_MissNothing(string layout)
    {
        var result = Tool.Run("inspect", TestFiles.Shared("golden", "pickles", "good", layout), "--json").Object;

        Assert.Equal(0, result.GetProperty("missing").GetArrayLength());
        Assert.Equal(
            layout == "buffers" ? ["num_batches_tracked"] : [],
            result.GetProperty("unused").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(layout == "bfloat16" ? "BF16" : "F32", result.GetProperty("dtype").GetString());
        Assert.Equal(24_384, result.GetProperty("parameters").GetInt64()); // a tied decoder that is stored counts once
    }

    [Fact]
    public void CodeInAPickle_IsNamedAndNotRun()
    {
        var model = models.Copy(models.Bert, "hostile");
        File.Delete(Path.Combine(model, "model.safetensors"));
        var mark = models.At("PWNED");
        byte[] pickle = new PickleBuilder().Global("posix", "system").Mark().Text($"touch {mark}").Tuple().Reduce().Stop().ToBytes();
        File.WriteAllBytes(Path.Combine(model, "pytorch_model.bin"), TorchFile.Archive(pickle));
        string[][] verbs =
        [
            ["inspect", model], ["fill-mask", "--model", model, "the [MASK]"], ["embed", "--model", model, "the cat"],
            ["convert", model, models.At("hostile-converted")],
            ["pretrain", "--from", model, "--data", models.Text, "--block", "16", "--max-steps", "1", "--device", "cpu", "--output",
                models.At("hostile-run")],
        ];

        Assert.All(verbs, verb => Tool.Run(verb).IsFailure(1, "pytorch_model.bin", "'posix.system'", "Nothing of it was run"));
        Assert.False(File.Exists(mark));
        Assert.False(Directory.Exists(models.At("hostile-converted")));
    }
}
