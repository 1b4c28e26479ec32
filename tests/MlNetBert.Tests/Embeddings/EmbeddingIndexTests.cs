using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Embeddings;

public class EmbeddingIndexTests
{
    private readonly MLContext _ml = new(seed: 8);

    [Fact]
    public void Nearest_AnyVectors_GivesWhatSortingAllGives()
    {
        var values = Gen.Float[-3, 3].Array[4];
        Gen.Select(values.Array[1, 40], values, Gen.Int[1, 50]).Sample(
            (rows, query, count) =>
            {
                using var index = EmbeddingIndex.BuildFromVectors(_ml, View(rows), "Features");
                var found = index.Search(query, count);
                var all = rows.Select((row, i) => (i, Cosine(row, query))).OrderByDescending(p => p.Item2).Take(count).ToList();
                Assert.Equal(Math.Min(count, rows.Length), found.Count);
                Assert.Equal(found.OrderByDescending(f => f.Score).ThenBy(f => f.Row), found);
                Assert.All(all.Zip(found), pair => Assert.Equal(pair.First.Item2, pair.Second.Score, 1e-5));
            },
            iter: 100);
    }

    [Fact]
    public void Nearest_EqualRows_AreGivenInTheirOrder()
    {
        using var index = EmbeddingIndex.BuildFromVectors(_ml, View([[1, 0], [2, 0], [0, 0], [3, 0], [-1, 0]]), "Features");

        Assert.Equal([0, 1], index.Search([5, 0], 2).Select(f => f.Row));
        Assert.Equal([(0, 1), (1, 1), (3, 1), (2, 0), (4, -1)], index.Search([5, 0], 9).Select(f => ((int)f.Row, (int)f.Score)));
        Assert.All(index.Search([0, 0], 3), f => Assert.Equal(0, f.Score));
        Assert.Equal(1f, index.Search([1e30f, 0], 1)[0].Score);
    }

    [Fact]
    public void Nearest_OfATextAmongTexts_FindsItselfAndItsData()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        using var index = EmbeddingIndex.BuildFromText(_ml, SmallCorpus.Load(_ml), "Text", model);

        var found = index.Search(SmallCorpus.Sentences[77], 3);

        Assert.Equal((SmallCorpus.Sentences.Count, 32), (index.Count, index.Dimension));
        Assert.Equal(77, found[0].Row);
        Assert.Equal(1, found[0].Score, 1e-5f);
        Assert.Equal(found.Select(f => SmallCorpus.Sentences[(int)f.Row]), index.GetRows<SmallCorpus.Row>(found).Select(r => r.Text));
        Assert.Empty(index.GetRows<SmallCorpus.Row>([]));
    }

    [Fact]
    public void Build_OverEmbedText_EqualsBuildOverTexts()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        using var embedding = _ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(SmallCorpus.Load(_ml));
        using var texts = EmbeddingIndex.BuildFromText(_ml, SmallCorpus.Load(_ml), "Text", model);
        using var vectors = EmbeddingIndex.BuildFromVectors(_ml, embedding.Transform(SmallCorpus.Load(_ml)), "Features");
        var query = new MlNetBert.Embeddings.TextEmbedder(model).Embed(["the fox"])[0];

        Assert.Equal(texts.Search("the fox", 5), vectors.Search(query, 5));
        Assert.Contains("Build it over the text column", Assert.Throws<InvalidOperationException>(() => vectors.Search("the fox", 5)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nearest_BadQuery_SaysWhatIsWrong()
    {
        using var index = EmbeddingIndex.BuildFromVectors(_ml, View([[1, 0]]), "Features");

        Assert.Contains("2 values, but has 3", Assert.Throws<ArgumentException>(() => index.Search([1, 2, 3], 1)).Message, StringComparison.Ordinal);
        Assert.Contains("value 1 is NaN", Assert.Throws<ArgumentException>(() => index.Search([1, float.NaN], 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Search([1, 2], 0));
    }

    [Fact]
    public void Build_BadRows_AreRefused()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        Assert.Contains("at least one row", Assert.Throws<InvalidDataException>(() => EmbeddingIndex.BuildFromVectors(_ml, View([], 2), "Features")).Message, StringComparison.Ordinal);
        Assert.Contains("row 1", Assert.Throws<InvalidDataException>(() => EmbeddingIndex.BuildFromVectors(_ml, View([[1, 0], [float.PositiveInfinity, 0]]), "Features")).Message, StringComparison.Ordinal);
        Assert.Contains("'Other'", Assert.Throws<ArgumentOutOfRangeException>(() => EmbeddingIndex.BuildFromVectors(_ml, View([[1, 0]]), "Other")).Message, StringComparison.Ordinal);
        Assert.Contains("known size", Assert.Throws<ArgumentOutOfRangeException>(() => EmbeddingIndex.BuildFromVectors(_ml, SmallCorpus.Load(_ml), "Text")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => EmbeddingIndex.BuildFromText(_ml, View([[1, 0]]), "Features", model));
    }

    [Fact]
    public void Build_SparseRows_AreReadWhole()
    {
        var sparse = _ml.Transforms.Conversion.MapValueToKey("Key", "Text").Append(_ml.Transforms.Categorical.OneHotEncoding("Features", "Text")).Fit(SmallCorpus.Load(_ml)).Transform(SmallCorpus.Load(_ml));

        using var index = EmbeddingIndex.BuildFromVectors(_ml, sparse, "Features");

        var query = new float[index.Dimension];
        query[5] = 2;
        Assert.Equal([new NearestRow(5, 1), new NearestRow(0, 0)], index.Search(query, 2));
    }

    private IDataView View(float[][] rows, int size = 0)
    {
        var definition = SchemaDefinition.Create(typeof(VectorRow));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows.Length == 0 ? size : rows[0].Length);
        return _ml.Data.LoadFromEnumerable(rows.Select(r => new VectorRow { Features = r }), definition);
    }

    private static double Cosine(float[] left, float[] right)
    {
        double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
        var lengths = Math.Sqrt(Dot(left, left) * Dot(right, right));
        return lengths == 0 ? 0 : Dot(left, right) / lengths;
    }

    private sealed class VectorRow
    {
        public float[] Features { get; set; } = [];
    }
}
