using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Embeddings;

/// <summary>Which files of a sentence-transformers repository are fetched.</summary>
public sealed class SentenceHubTests : IDisposable
{
    private const string Text = "the cat sits on a mat.";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FromHub_ModulesInFoldersOfTheirOwn_AreFetchedWithTheirWeights(bool pickled)
    {
        var path = SentenceDirectory.Make(_directory, "whole", [("Pooling", "pool"), ("Dense", "2_Dense"), ("Normalize", "3_Normalize")], """{"pooling_mode":["max","cls"]}""");
        SentenceDirectory.AddDense(path, "2_Dense", outputs: 7, hasBias: true, "torch.nn.modules.activation.Tanh", inputs: 2 * SentenceDirectory.Hidden);
        File.WriteAllText(Path.Combine(path, ModelFiles.SentenceConfig), """{"max_seq_length":9}""");
        File.WriteAllText(Path.Combine(path, ModelFiles.SentencePrompts), """{"prompts":{"query":"the dog "},"default_prompt_name":"query"}""");
        if (pickled)
            TorchFile.Replace(Path.Combine(path, "2_Dense"));
        float[] expected;
        using (var local = PretrainedModel.FromDirectory(path))
            expected = new TextEmbedder(local).Embed(Text);
        using var hub = new FakeHub();
        hub.Serve(path);

        foreach (var offline in new[] { false, true })
        {
            using var model = PretrainedModel.FromHub(FakeHub.Repository, hubOptions: hub.Options(offline, retries: 0, token: ""));
            Assert.Equal(expected, new TextEmbedder(model).Embed(Text));
        }

        Assert.Equal(7, expected.Length);
    }

    [Theory]
    [InlineData("1_Pooling/config.json")]
    [InlineData("2_Dense/config.json")]
    [InlineData("2_Dense/model.safetensors")]
    public void FromHub_ModuleThatLacksAFile_IsRefusedWithItsNameByWhatEmbedsOnly(string missing)
    {
        var path = SentenceDirectory.Make(_directory, "lacking", [("Pooling", "1_Pooling"), ("Dense", "2_Dense")], """{"pooling_mode":"mean"}""");
        SentenceDirectory.AddDense(path, "2_Dense", outputs: 5, hasBias: true, activation: null);
        using var hub = new FakeHub();
        hub.Serve(path);
        hub.Files.Remove(missing);

        using var model = PretrainedModel.FromHub(FakeHub.Repository, hubOptions: hub.Options(retries: 0, token: ""));

        Assert.Contains(missing.Split('/')[0], Assert.Throws<ModelFormatException>(() => new TextEmbedder(model)).Message, StringComparison.Ordinal);
    }
}
