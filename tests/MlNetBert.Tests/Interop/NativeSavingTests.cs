using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Interop;
using MlNetBert.Tests.Common;

namespace MlNetBert.Tests.Interop;

public sealed class NativeSavingTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlnetbert-tests-").FullName;

    private string ModelPath => Path.Combine(_directory, "model.zip");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Load_InAFreshProcessWithoutRegistration_GivesWhatWasSaved()
    {
        Save(new PassThroughTransformer("first", [1, 2, 3], new SharedThing("config", [4, 5])));

        var child = ChildProcess.Run(DescribeModel, ModelPath);

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal("first 010203 config 0405", child.Result);
    }

    [Fact]
    public void Save_OfTwoTransformersWithOneModel_StoresItOnceAndLoadsItOnce()
    {
        var shared = new SharedThing("config", new byte[100_000]);
        Save(new PassThroughTransformer("first", [1], shared), new PassThroughTransformer("second", [2], shared));

        Assert.Equal(1, shared.Writes);
        Assert.Equal(2, CountShared("/config.txt", "/weights.bin"));
        var loaded = LoadAll(ModelPath);
        Assert.Equal(["first", "second"], loaded.Select(t => t.Note));
        Assert.Same(loaded[0].Shared, loaded[1].Shared);
        Assert.Equal(shared.Weights, loaded[0].Shared.Weights);
    }

    [Fact]
    public void Save_OfEqualModelsInTwoObjects_StoresThemOnce()
    {
        Save(new PassThroughTransformer("a", [1], new SharedThing("same", [7])), new PassThroughTransformer("b", [2], new SharedThing("same", [7])));

        Assert.Equal(2, CountShared("/config.txt", "/weights.bin"));
    }

    [Fact]
    public void Save_OfDifferentModels_StoresBoth()
    {
        Save(new PassThroughTransformer("a", [1], new SharedThing("one", [7])), new PassThroughTransformer("b", [2], new SharedThing("two", [7])));

        Assert.Equal(4, CountShared("/config.txt", "/weights.bin"));
        Assert.Equal(["one", "two"], LoadAll(ModelPath).Select(t => t.Shared.Text));
    }

    [Fact]
    public void Save_Twice_WritesTheSharedModelIntoBothFiles()
    {
        var transformer = new PassThroughTransformer("a", [1], new SharedThing("one", [7]));
        Save(transformer);
        File.Delete(ModelPath);
        Save(transformer);

        Assert.Equal("one", LoadAll(ModelPath).Single().Shared.Text);
    }

    [Fact]
    public void Load_WithADamagedSharedFile_IsRefusedByItsDigest()
    {
        Save(new PassThroughTransformer("a", [1], new SharedThing("one", [7])));
        Rewrite("/weights.bin", [8]);

        var exception = Assert.ThrowsAny<Exception>(() => LoadAll(ModelPath));

        var ours = Assert.IsType<ModelFormatException>(exception.GetBaseException());
        Assert.Contains("weights.bin", ours.Message, StringComparison.Ordinal);
        Assert.Contains("SHA-256", ours.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/config.txt")]
    [InlineData("/manifest.txt")]
    [InlineData("/Blob.bin")]
    public void Load_WithAMissingEntry_SaysWhich(string suffix)
    {
        Save(new PassThroughTransformer("a", [1], new SharedThing("one", [7])));
        Rewrite(suffix, null);

        var exception = Assert.ThrowsAny<Exception>(() => LoadAll(ModelPath));

        var ours = Assert.IsType<ModelFormatException>(exception.GetBaseException());
        Assert.Contains(suffix, ours.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithAManifestThatLeavesItsDirectory_IsRefused()
    {
        Save(new PassThroughTransformer("a", [1], new SharedThing("one", [7])));
        Rewrite("/manifest.txt", "00 1 ../../outside\n"u8.ToArray());

        Assert.IsType<ModelFormatException>(Assert.ThrowsAny<Exception>(() => LoadAll(ModelPath)).GetBaseException());
    }

    [Theory]
    [InlineData("/weights.bin")]
    [InlineData("/Blob.bin")]
    public void Load_WithAnEntryThatUnpacksToABomb_IsRefusedBeforeItIsUnpacked(string suffix)
    {
        Save(new PassThroughTransformer("a", [1], new SharedThing("one", [7])));
        Rewrite(suffix, new byte[80 << 20]);

        var ours = Assert.IsType<ModelFormatException>(Assert.ThrowsAny<Exception>(() => LoadAll(ModelPath)).GetBaseException());

        Assert.Contains("unpacks to 83886080", ours.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SaveAndLoad_OfALargeBlob_KeepsEveryByte()
    {
        var blob = new byte[48 << 20];
        new Random(1).NextBytes(blob.AsSpan(0, 1 << 20));
        blob[^1] = 9;
        Save(new PassThroughTransformer("large", blob, new SharedThing("one", blob)));

        var loaded = LoadAll(ModelPath).Single();

        Assert.True(blob.AsSpan().SequenceEqual(loaded.Blob));
        Assert.True(blob.AsSpan().SequenceEqual(loaded.Shared.Weights));
    }

    [Theory]
    [InlineData("SHORT", "Fine")]
    [InlineData("TOOLONGXX", "Fine")]
    [InlineData("TSTPASST", "")]
    [InlineData("TSTPASST", "TwentyFiveCharactersExact")]
    [InlineData("TSTPÄSST", "Fine")]
    public void Create_WithASignatureTheHeaderCannotHold_IsRefused(string model, string loader) =>
        Assert.Throws<ArgumentException>(() => ModelVersion.Create<PassThroughTransformer>(model, loader));

    private static string DescribeModel(string path)
    {
        var t = LoadAll(path).Single();
        return $"{t.Note} {Convert.ToHexString(t.Blob)} {t.Shared.Text} {Convert.ToHexString(t.Shared.Weights)}";
    }

    private static PassThroughTransformer[] LoadAll(string path)
    {
        var loaded = new MLContext(1).Model.Load(path, out _);
        return [.. ((IEnumerable<ITransformer>)loaded).Cast<PassThroughTransformer>()];
    }

    private void Save(params ITransformer[] transformers)
    {
        var ml = new MLContext(1);
        var schema = ml.Data.LoadFromEnumerable(Array.Empty<Row>()).Schema;
        ml.Model.Save(new TransformerChain<ITransformer>(transformers), schema, ModelPath);
    }

    private int CountShared(params string[] suffixes)
    {
        using var zip = ZipFile.OpenRead(ModelPath);
        return zip.Entries.Count(e => e.FullName.StartsWith(SharedModelStore.Root, StringComparison.Ordinal) && suffixes.Any(s => e.FullName.EndsWith(s, StringComparison.Ordinal)));
    }

    private void Rewrite(string suffix, byte[]? content)
    {
        using var zip = ZipFile.Open(ModelPath, ZipArchiveMode.Update);
        var entry = zip.Entries.Single(e => e.FullName.EndsWith(suffix, StringComparison.Ordinal));
        var name = entry.FullName;
        entry.Delete();
        if (content is null)
            return;
        using var stream = zip.CreateEntry(name).Open();
        stream.Write(content);
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
