using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests;

public sealed class ModelDirectoryTests
{
    [Fact]
    public void Open_NoConfig_ListsWhatIsThere()
    {
        using var directory = new TemporaryDirectory();
        Assert.Contains("nothing", Assert.Throws<ModelConfigFormatException>(() => ModelDirectory.Open(directory.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(directory.File("readme.txt"), "");
        Directory.CreateDirectory(directory.File("checkpoints"));
        var exception = Assert.Throws<ModelConfigFormatException>(() => ModelDirectory.Open(directory.Path));
        Assert.Contains("checkpoints/, readme.txt", exception.Message, StringComparison.Ordinal);
        Assert.Equal(directory.File("config.json"), exception.FilePath);
        Assert.Throws<DirectoryNotFoundException>(() => ModelDirectory.Open(directory.File("absent")));
    }

    [Fact]
    public void OpenWeights_NoWeightsOrAnEmptyPickle_IsRefused()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("config.json"), "{}");
        var model = ModelDirectory.Open(directory.Path);
        Assert.Contains("Found there: config.json", Assert.Throws<SafetensorsFormatException>(model.OpenWeights).Message, StringComparison.Ordinal);
        File.WriteAllText(directory.File("pytorch_model.bin"), "");
        Assert.Contains("is empty", Assert.Throws<ModelFormatException>(model.OpenWeights).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenWeights_OneFile_GivesItsTensors()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("config.json"), "{}");
        SafetensorsWriter.Write(directory.File("model.safetensors"), [new TensorData("a", SafetensorsDtype.U8, [2], new byte[] { 1, 2 })]);
        var model = ModelDirectory.Open(directory.Path + Path.DirectorySeparatorChar);
        using var weights = model.OpenWeights();
        Assert.Equal(["a"], weights.Names);
        Assert.Equal([1, 2], weights.GetBytes("a").ToArray());
        Assert.True(weights.Contains("a"));
        Assert.False(weights.Contains("b"));
    }

    [Fact]
    public void FilePath_NameThatLeaves_IsRefused()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("config.json"), "{}");
        var model = ModelDirectory.Open(directory.Path);
        Assert.Equal(Path.Combine(directory.Path, "1_Pooling", "config.json"), model.FilePath(ModelFiles.PoolingConfig));
        Assert.Throws<ArgumentException>(() => model.FilePath("../x"));
    }
}
