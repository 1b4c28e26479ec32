using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Interop;

public sealed class UnknownPartTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Open_PipelineWithACustomMapping_PassesOnWhatMlNetSays()
    {
        var ml = new MLContext(1);
        var rows = Tiny.Rows(ml, "the cat");
        var mapping = ml.Transforms.CustomMapping<SmallCorpus.Row, Lowered>((row, lowered) => lowered.Text = row.Text.ToLowerInvariant(), "mapping-of-mine").Fit(rows);
        ml.Model.Save(new TransformerChain<ITransformer>(mapping, Tiny.Fitted), rows.Schema, _directory.File("m.zip"));
        using var source = ModelSource.Resolve(_directory.File("m.zip"));

        var message = Assert.Throws<ModelFormatException>(() => source.Open()).Message;

        Assert.Contains("'mapping-of-mine'", message, StringComparison.Ordinal);
        Assert.Contains("RegisterAssembly", message, StringComparison.Ordinal);
        Assert.Contains("is an ML.NET zip, but a part of its pipeline cannot be loaded here", message, StringComparison.Ordinal);
        Assert.DoesNotContain("is no ML.NET zip", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AnotherZip_IsNone()
    {
        using (var zip = System.IO.Compression.ZipFile.Open(_directory.File("other.zip"), System.IO.Compression.ZipArchiveMode.Create))
            zip.CreateEntry("readme.txt");
        using var source = ModelSource.Resolve(_directory.File("other.zip"));

        Assert.Contains("is no ML.NET zip", Assert.Throws<ModelFormatException>(() => source.Open()).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private sealed class Lowered
    {
        public string Text { get; set; } = "";
    }
}
