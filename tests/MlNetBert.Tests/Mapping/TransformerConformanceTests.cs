using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Mapping;

/// <summary>What every transformer of this library keeps, whatever its source and however it is read: each row has what was computed of itself.</summary>
public abstract class TransformerConformanceTests
{
    private const int Count = 40;

    private static readonly Dictionary<Type, ITransformer> Fitted = [];

    private static readonly Row[] Rows = [.. Enumerable.Range(0, Count).Select(Row.Of)];

    protected MLContext Ml { get; } = new(seed: 1);

    /// <summary>The columns that the transformer adds.</summary>
    protected abstract string[] Outputs { get; }

    /// <summary>Whether ML.NET's parallel cursors read ahead, beside the rows that are handed on.</summary>
    protected virtual bool ReadsInParallel => false;

    private ITransformer Transformer
    {
        get
        {
            if (!Fitted.TryGetValue(GetType(), out var fitted))
            {
                using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
                Fitted.Add(GetType(), fitted = Fit(model));
            }

            return fitted;
        }
    }

    [Fact]
    public void Transform_OfRowsThatCanBeReadOnce_GivesEachItsOwn() => ViewRows.AssertSame(Expected(), Read(Transform(StrictRows.Once(Rows))));

    [Fact]
    public void Transform_OfRowsInAnotherOrderEachTime_GivesEachItsOwn()
    {
        var view = Transform(StrictRows.Shuffled(Rows));

        ViewRows.AssertSame(Expected(), Read(view));
        ViewRows.AssertSame(Expected(), Read(view));
    }

    [Fact]
    public void Transform_OfRowsWithOneReaderAtATime_ReadsThemOneAfterTheOther()
    {
        var source = new OneReader<Row>(Rows);
        var view = Transform(source);

        ViewRows.AssertSame(Expected(), Read(view));
        ViewRows.AssertSame(Expected(), Read(view));
        Assert.Equal(0, source.Open);
        Assert.Equal(2 * Count, source.Given);
    }

    [Fact]
    public void Transform_OfManyWindows_GivesEachItsOwn()
    {
        var rows = Enumerable.Range(0, 1300).Select(Row.Of).ToArray();
        var expected = Read(Transform(rows));

        Assert.Equal(rows.Length, expected.Count);
        Assert.All(Expected(), row => Assert.True(ViewRows.Alike(row.Value, expected[row.Key])));
        ViewRows.AssertSame(expected, Read(Transform(StrictRows.Once(rows))));
    }

    [Fact]
    public void GetRowCursor_OfColumnSubsets_GivesTheSameRows()
    {
        var all = ViewReader.Read(Transform(Rows), Transform(Rows).Schema);
        foreach (var names in new string[][] { [], Outputs, ["Text"], ["Number"], ["Id", Outputs[0]], ["Text", Outputs[^1]] })
        {
            foreach (var source in new IEnumerable<Row>[] { Rows, StrictRows.Once(Rows), new OneReader<Row>(Rows) })
            {
                var view = Transform(source);
                var read = ViewReader.Read(view, names.Select(name => view.Schema[name]));
                Assert.All(read, column => Assert.Equal(all[column.Key], column.Value));
            }
        }
    }

    [Fact]
    public void GetRowCursor_OfAllColumns_HandsOnThoseOfTheSource()
    {
        var rows = Ml.Data.LoadFromEnumerable(Rows);
        var expected = ViewReader.Read(rows, rows.Schema);
        var view = Transform(StrictRows.Once(Rows));
        var read = ViewReader.Read(view, view.Schema.Where(c => !Outputs.Contains(c.Name)));

        Assert.True(expected.Count > 10);
        Assert.All(expected.Where(column => column.Key.Length > 0), column => Assert.Equal(column.Value, read[column.Key]));
    }

    [Fact]
    public void GetRowCursorSet_OfRowsThatCanBeReadOnce_GivesEachOnce()
    {
        var view = Transform(StrictRows.Once(Rows));
        var columns = Outputs.Select(name => view.Schema[name]).ToList();
        var found = new Dictionary<int, object[]>();
        var ids = new HashSet<string>();
        var cursors = view.GetRowCursorSet([view.Schema["Id"], .. columns], 3);
        // As ML.NET's consumers do: a thread each.
        Parallel.ForEach(cursors, new ParallelOptions { MaxDegreeOfParallelism = cursors.Length }, cursor =>
        {
            using (cursor)
            {
                var id = cursor.GetIdGetter();
                var number = cursor.GetGetter<int>(view.Schema["Id"]);
                var getters = columns.ConvertAll(c => ViewRows.Getter(cursor, c));
                while (cursor.MoveNext())
                {
                    DataViewRowId row = default;
                    id(ref row);
                    var key = 0;
                    number(ref key);
                    var values = getters.Select(get => get()).ToArray();
                    lock (found)
                    {
                        Assert.True(ids.Add(row.ToString()));
                        found.Add(key, values);
                    }
                }
            }
        });

        ViewRows.AssertSame(Expected(), found);
    }

    [Fact]
    public void GetIdGetter_WhateverIsRead_GivesTheSourcesIdOfEachRow()
    {
        var source = Ml.Data.LoadFromEnumerable(Rows);
        var expected = ViewReader.Read(source, [])[""];
        var view = Transformer.Transform(source);

        Assert.Equal(expected, ViewReader.Read(view, [])[""]);
        Assert.Equal(expected, ViewReader.Read(view, [view.Schema[Outputs[0]]])[""]);
        Assert.Equal(expected, ViewReader.Read(view, view.Schema)[""]);
    }

    [Fact]
    public void Dispose_OfACursorAmidTheRows_ClosesTheSource()
    {
        var source = new OneReader<Row>(Rows);
        var view = Transform(source);
        var cursor = view.GetRowCursor([view.Schema[Outputs[0]]]);
        Assert.True(cursor.MoveNext());
        Assert.True(cursor.MoveNext());

        cursor.Dispose();
        cursor.Dispose();

        Assert.False(cursor.MoveNext());
        Assert.True(SpinWait.SpinUntil(() => source.Open == 0, TimeSpan.FromMinutes(1)), "the source is still open");
        ViewRows.AssertSame(Expected(), Read(view));
    }

    [Fact]
    public void Transform_OfNoRows_GivesNone()
    {
        var view = Transform([]);

        Assert.Empty(Read(view));
        Assert.Empty(ViewReader.Read(view, [])[""]);
    }

    [Fact]
    public void MoveNext_WhereTheSourceFails_GivesTheRowsBeforeAndThenTheFault()
    {
        var view = Transform(StrictRows.Failing(Rows, at: 25));
        using var cursor = view.GetRowCursor([view.Schema["Id"], .. Outputs.Select(name => view.Schema[name])]);
        var number = cursor.GetGetter<int>(view.Schema["Id"]);
        var getters = Outputs.Select(name => ViewRows.Getter(cursor, view.Schema[name])).ToList();
        var rows = new Dictionary<int, object[]>();
        var fault = Assert.ThrowsAny<Exception>(() =>
        {
            while (cursor.MoveNext())
            {
                var id = 0;
                number(ref id);
                rows.Add(id, [.. getters.Select(get => get())]);
            }
        });

        Assert.Contains("the source is gone", fault.GetBaseException().Message, StringComparison.Ordinal);
        Assert.All(rows, row => Assert.True(ViewRows.Alike(Expected()[row.Key], row.Value)));
        if (ReadsInParallel)
            return;
        Assert.Equal(Enumerable.Range(0, 25), rows.Keys.Order());
        Assert.Same(fault, Assert.ThrowsAny<IOException>(() => cursor.MoveNext()));
    }

    [Fact]
    public void GetRowToRowMapper_RowByRow_GivesWhatTransformGives()
    {
        var source = Ml.Data.LoadFromEnumerable(StrictRows.Once(Rows));
        var mapper = Transformer.GetRowToRowMapper(source.Schema);
        var columns = Outputs.Select(name => mapper.OutputSchema[name]).ToList();
        using var cursor = source.GetRowCursor(source.Schema);
        var row = mapper.GetRow(cursor, mapper.OutputSchema);
        var number = row.GetGetter<int>(mapper.OutputSchema["Id"]);
        var getters = columns.ConvertAll(c => ViewRows.Getter(row, c));
        var found = new Dictionary<int, object[]>();
        while (cursor.MoveNext())
        {
            var id = 0;
            number(ref id);
            found.Add(id, [.. getters.Select(get => get())]);
        }

        ViewRows.AssertSame(Expected(), found);
    }

    /// <summary>The transformer under test, over rows with the columns of <see cref="Row"/>.</summary>
    protected abstract ITransformer Fit(PretrainedModel model);

    private IDataView Transform(IEnumerable<Row> rows) => Transformer.Transform(Ml.Data.LoadFromEnumerable(rows));

    private Dictionary<int, object[]> Read(IDataView view)
    {
        var columns = Outputs.Select(name => view.Schema[name]).ToList();
        using var cursor = view.GetRowCursor([view.Schema["Id"], .. columns]);
        return ViewRows.Read(cursor, view.Schema["Id"], columns);
    }

    private Dictionary<int, object[]> Expected()
    {
        var expected = Read(Transform(Rows));
        // Or rows could change places and nobody would see it.
        var kinds = new List<object[]>();
        foreach (var row in expected.Values.Where(row => !kinds.Exists(kind => ViewRows.Alike(kind, row))))
            kinds.Add(row);
        Assert.InRange(kinds.Count, Count / 4, Count);
        return expected;
    }
}
