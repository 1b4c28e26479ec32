using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Mapping;
using MlNetBert.Runs;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Mapping;

public sealed class BatchCursorTests : IDisposable
{
    private const string Text = "The cat sits near the mat.";

    private readonly MLContext _ml = new(seed: 1);
    private readonly ITransformer _embedding;

    public BatchCursorTests()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        _embedding = _ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(_ml.Data.LoadFromEnumerable<Wide>([]));
    }

    public void Dispose() => ((IDisposable)_embedding).Dispose();

    [Fact]
    public void MoveNext_OfManyRows_ReadsAWindowAhead()
    {
        var source = new OneReader<Row>(Enumerable.Range(0, 2000).Select(Row.Of));
        var view = _embedding.Transform(_ml.Data.LoadFromEnumerable(source));
        using var cursor = view.GetRowCursor(view.Schema);

        Assert.True(cursor.MoveNext());
        Assert.InRange(source.Given, 1, 513);
        for (var i = 1; i < 512; i++)
            Assert.True(cursor.MoveNext());
        Assert.InRange(source.Given, 512, 513);
        Assert.True(cursor.MoveNext());
        Assert.InRange(source.Given, 513, 1025);
    }

    [Fact]
    public void MoveNext_OfLargeRows_KeepsFewOfThem()
    {
        var source = new OneReader<Wide>(Enumerable.Range(0, 100).Select(i => new Wide { Text = Text, Values = new float[1 << 20], Place = i }));
        var view = _embedding.Transform(_ml.Data.LoadFromEnumerable(source));
        using var all = view.GetRowCursor(view.Schema);

        Assert.True(all.MoveNext());
        Assert.InRange(source.Given, 1, 20);
    }

    [Fact]
    public void GetGetter_OfAnObject_HandsOnEachRowsOwn()
    {
        ThingAttribute.RegisterType();
        var things = Enumerable.Range(0, 70).Select(i => new Thing { Number = i }).ToArray();
        var view = _embedding.Transform(_ml.Data.LoadFromEnumerable(StrictRows.Once(things.Select(thing => new Holder { Text = Text, Thing = thing }))));
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<Thing>(view.Schema["Thing"]);
        var found = new List<Thing>();
        while (cursor.MoveNext())
        {
            Thing thing = null!;
            getter(ref thing);
            found.Add(thing);
        }

        Assert.Equal(things, found);
    }

    [Fact]
    public void GetGetter_OfAVectorThatIsWrittenOver_GivesItAgain()
    {
        var view = _embedding.Transform(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(Row.Of)));
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Fixed"]);
        Assert.True(cursor.MoveNext());
        Assert.True(cursor.MoveNext());
        VBuffer<float> first = default, second = default;
        getter(ref first);
        var editor = VBufferEditor.CreateFromBuffer(ref first);
        editor.Values.Clear();
        getter(ref second);

        Assert.Equal([1f, 1.5f, -1f], second.DenseValues());
    }

    [Fact]
    public void Keep_OfATextInAnArray_CopiesIt()
    {
        var characters = "cat".ToCharArray();
        ReadOnlyMemory<char> text = characters;

        Assert.Equal(6, CarriedText.Keep(ref text));
        characters[0] = 'b';

        Assert.Equal("cat", text.ToString());
    }

    [Fact]
    public void GetGetter_WhereThereIsNoRow_SaysSo()
    {
        var view = _embedding.Transform(_ml.Data.LoadFromEnumerable([Row.Of(0)]));
        using var cursor = view.GetRowCursor([view.Schema["Features"], view.Schema["Fixed"]]);
        var features = cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]);
        var carried = cursor.GetGetter<VBuffer<float>>(view.Schema["Fixed"]);
        VBuffer<float> value = default;

        Assert.Throws<InvalidOperationException>(() => features(ref value));
        Assert.True(cursor.MoveNext());
        features(ref value);
        Assert.False(cursor.MoveNext());
        Assert.Equal(-1, cursor.Position);
        Assert.Throws<InvalidOperationException>(() => features(ref value));
        Assert.Throws<InvalidOperationException>(() => carried(ref value));
        Assert.Contains("not active", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(view.Schema["Id"])).Message, StringComparison.Ordinal);
        Assert.Contains("Single", Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(view.Schema["Features"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_OfAStepThatComputesRowsTogether_RepeatsIt()
    {
        var trained = _embedding.Transform(_ml.Data.LoadFromEnumerable([Row.Of(0)]));
        var host = ((IHostEnvironment)_ml).Register("test");

        var replayed = EvaluationReplay.Apply(host, trained, ["Features"], _ml.Data.LoadFromEnumerable(StrictRows.Once([Row.Of(0), Row.Of(1)])));

        var features = replayed.GetColumn<float[]>("Features").ToList();
        Assert.Equal(2, features.Count);
        Assert.NotEqual(features[0], features[1]);
    }

    private sealed class Wide
    {
        public string Text { get; set; } = "";

        public float[] Values { get; set; } = [];

        public int Place { get; set; }
    }

    private sealed class Holder
    {
        public string Text { get; set; } = "";

        [Thing]
        public Thing Thing { get; set; } = new();
    }

    private sealed class Thing
    {
        public int Number { get; set; }
    }

    private sealed class ThingType() : StructuredDataViewType(typeof(Thing))
    {
        public override bool Equals(DataViewType? other) => other is ThingType;

        public override int GetHashCode() => typeof(ThingType).GetHashCode();
    }

    [AttributeUsage(AttributeTargets.Property)]
    private sealed class ThingAttribute : DataViewTypeAttribute
    {
        public static void RegisterType() => DataViewTypeManager.Register(new ThingType(), typeof(Thing), new ThingAttribute());

        public override bool Equals(DataViewTypeAttribute? other) => other is ThingAttribute;

        public override int GetHashCode() => typeof(ThingAttribute).GetHashCode();

        public override void Register() => RegisterType();
    }
}
