using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Inference;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Training.Loop;
using TorchSharp;

namespace MlNetBert.Tests.Inference;

public class DeviceChoiceTests
{
    [Theory]
    [InlineData("auto", 0, "cpu")]
    [InlineData("auto", 2, "cuda:0")]
    [InlineData("cpu", 2, "cpu")]
    [InlineData("cuda", 1, "cuda:0")]
    [InlineData("cuda:1", 2, "cuda:1")]
    public void Resolve_WithoutAContextsGpu_IsTheNamedOrTheFirst(string name, int gpus, string expected)
    {
        Assert.Equal(expected, DeviceChoice.Resolve(name, Environment(new MLContext()), gpus, out var note).ToString());
        Assert.Equal(expected, DeviceChoice.Resolve(name, environment: null, gpus, out _).ToString());
        Assert.Null(note);
    }

    [Theory]
    [InlineData("auto", 1, 2, "cuda:1")]
    [InlineData("auto", 0, 1, "cuda:0")]
    [InlineData("cpu", 1, 2, "cpu")]
    [InlineData("cuda:0", 1, 2, "cuda:0")]
    public void Resolve_WithAContextsGpuThatIsThere_TakesItWhereTheDeviceIsAuto(string name, int gpuDeviceId, int gpus, string expected)
    {
        var ml = new MLContext { GpuDeviceId = gpuDeviceId, FallbackToCpu = false };

        Assert.Equal(expected, DeviceChoice.Resolve(name, Environment(ml), gpus, out var note).ToString());
        Assert.Null(note);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(-1, 2)]
    public void Resolve_WithAContextsGpuThatIsNotThere_FallsBackWithALineOrThrows(int gpuDeviceId, int gpus)
    {
        var falling = new MLContext { GpuDeviceId = gpuDeviceId, FallbackToCpu = true };
        var strict = new MLContext { GpuDeviceId = gpuDeviceId, FallbackToCpu = false };

        Assert.Equal(DeviceType.CPU, DeviceChoice.Resolve("auto", Environment(falling), gpus, out var note).type);
        Assert.Contains($"MLContext.GpuDeviceId is {gpuDeviceId}, but the loaded libtorch sees {gpus} GPUs", note, StringComparison.Ordinal);
        var exception = Assert.Throws<InvalidOperationException>(() => DeviceChoice.Resolve("auto", Environment(strict), gpus, out _));
        Assert.Contains("FallbackToCpu", exception.Message, StringComparison.Ordinal);
        Assert.Equal(DeviceType.CPU, DeviceChoice.Resolve("cpu", Environment(strict), gpus, out _).type);
    }

    [Fact]
    public void Resolve_OfAGpuThatIsNotThere_SaysHowManyThereAre() =>
        Assert.Contains("one of the 1 GPUs", Assert.Throws<InvalidOptionsException>(() => DeviceChoice.Resolve("cuda:1", null, 1, out _)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("auto", true)]
    [InlineData("cuda:12", true)]
    [InlineData("cuda:", false)]
    [InlineData("cuda:-1", false)]
    [InlineData("gpu", false)]
    [InlineData("CPU", false)]
    [InlineData(null, false)]
    public void IsName_OfAnyText_TellsDevices(string? name, bool expected) => Assert.Equal(expected, TrainingDevice.IsName(name));

    [Fact]
    public void FitAndLoad_WithAGpuThatIsNotThere_FollowTheContext()
    {
        Assert.SkipWhen(torch.cuda.is_available(), "There is a GPU.");
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        using var directory = new TemporaryDirectory();
        var lines = new List<string>();
        var falling = new MLContext(1) { GpuDeviceId = 0, FallbackToCpu = true };
        falling.Log += (_, e) => lines.Add(e.Message);
        var strict = new MLContext(1) { GpuDeviceId = 0, FallbackToCpu = false };
        var rows = Tiny.Rows(falling, "the [MASK]");

        using (var fitted = falling.Transforms.Text.FillMask("Prediction", "Text", model).Fit(rows))
        {
            Assert.Equal("cpu", fitted.Device);
            Assert.Equal("auto", fitted.Inference.Device);
            falling.Model.Save(fitted, rows.Schema, directory.File("m.zip"));
        }

        using (var loaded = (IDisposable)falling.Model.Load(directory.File("m.zip"), out _))
            Assert.Equal(2, lines.Count(line => line.Contains("computing on the processor", StringComparison.Ordinal)));
        Assert.Throws<InvalidOperationException>(() => strict.Transforms.Text.EmbedText("Features", "Text", model).Fit(rows));
        Assert.ThrowsAny<Exception>(() => strict.Model.Load(directory.File("m.zip"), out _));
        strict.Transforms.Text.EmbedText("Features", "Text", model, new EmbeddingOptions { Device = "cpu" }).Fit(rows).Dispose();
    }

    [Fact]
    public void Fit_OfATrainerWithAGpuThatIsNotThere_FollowsTheContext()
    {
        Assert.SkipWhen(torch.cuda.is_available(), "There is a GPU.");
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var strict = new MLContext(1) { GpuDeviceId = 0, FallbackToCpu = false };
        var falling = new MLContext(1) { GpuDeviceId = 0, FallbackToCpu = true };
        var options = Labeled.Options(1) with { Device = "auto" };

        Assert.Throws<InvalidOperationException>(() => Labeled.Pipeline(strict, model, options).Fit(Labeled.Load(strict)));
        Assert.Throws<InvalidOperationException>(() => Tiny.Tokens(strict).Append(Tiny.Group(strict)).Append(strict.Transforms.Text.PretrainMlm("P", "Tokens", Tiny.Options() with { Device = "auto" })).Fit(SmallCorpus.Load(strict)));
        using var fitted = Labeled.Pipeline(falling, model, options).Fit(Labeled.Load(falling));
        Assert.Equal("cpu", fitted.LastTransformer.Device);
    }

    private static Microsoft.ML.Runtime.IHostEnvironment Environment(MLContext ml) => CatalogUtils.GetEnvironment(ml.Transforms);
}
