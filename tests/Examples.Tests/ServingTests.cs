using Microsoft.ML;
using MlNetBert;

namespace Examples.Tests;

/// <summary>The service of docs/serving.md at work.</summary>
public sealed class ServingTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mlnetbert-tests-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void MaskService_AskedFromManyThreads_AnswersAllOfThem()
    {
        var ml = new MLContext(seed: 1);
        var file = Path.Combine(_directory.FullName, "model.zip");
        var text = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new TextLine { Text = $"the cat sits on the mat number {i % 7}" }));
        using (var fitted = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 100 })
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16, packing: BlockPacking.OneDocumentPerBlock))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Size = "tiny", MaxSteps = 2, BatchSize = 8, Threads = 1, Device = "cpu" })).Fit(text))
        {
            ml.Model.Save(fitted, text.Schema, file);
        }

        var service = new DocumentationSnippets.MaskService(ml, file);
        var expected = service.Fill("the [MASK] sits").Sequence;
        Parallel.For(0, 64, _ => Assert.Equal(expected, service.Fill("the [MASK] sits").Sequence));
        service.Dispose();
    }
}
