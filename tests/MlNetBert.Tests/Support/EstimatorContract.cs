using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Tests.Common;

namespace MlNetBert.Tests.Support;

/// <summary>What ML.NET's own tests ask of every estimator (their TestEstimatorCore).</summary>
internal static class EstimatorContract
{
    /// <summary>Checks an estimator on data that it is made for and on data that it must refuse.</summary>
    public static void Check(MLContext ml, IEstimator<ITransformer> estimator, IDataView good, params IDataView[] bad)
    {
        var promised = estimator.GetOutputSchema(SchemaShape.Create(good.Schema));
        foreach (var data in bad)
        {
            MustRefuse(() => estimator.GetOutputSchema(SchemaShape.Create(data.Schema)));
            MustRefuse(() => estimator.Fit(data));
        }

        var fitted = estimator.Fit(good);
        using var directory = new TemporaryDirectory();
        ml.Model.Save(fitted, good.Schema, directory.File("model.zip"));
        var loaded = ml.Model.Load(directory.File("model.zip"), out var loadedSchema);
        SameSchema(good.Schema, loadedSchema);

        var schema = fitted.GetOutputSchema(good.Schema);
        foreach (var transformer in new[] { fitted, loaded })
        {
            SameSchema(schema, transformer.GetOutputSchema(good.Schema));
            SameSchema(schema, transformer.Transform(good).Schema);
            CheckRowMapper(transformer, good, schema);
            foreach (var data in bad)
            {
                MustRefuse(() => transformer.GetOutputSchema(data.Schema));
                MustRefuse(() => transformer.Transform(data));
            }
        }

        SameShape(promised, SchemaShape.Create(schema));
        var values = CheckCursors(fitted.Transform(good));
        Same(values, CheckCursors(loaded.Transform(good)));
        (loaded as IDisposable)?.Dispose();
        (fitted as IDisposable)?.Dispose();
    }

    /// <summary>Checks that a view gives the same values however it is read.</summary>
    public static Dictionary<string, List<string>> CheckCursors(IDataView view)
    {
        var all = ViewReader.Read(view, view.Schema);
        Assert.NotEmpty(all[""]);
        Assert.Equal(all[""].Count, all[""].Distinct().Count());
        if (view.GetRowCount() is { } count)
            Assert.Equal(count, all[""].Count);
        Same(all, ViewReader.Read(view, view.Schema));
        Same(all, ViewReader.Read(view, view.Schema.Where(c => c.Index % 2 == 0)));
        Same(all, ViewReader.Read(view, view.Schema.Where(c => c.Index % 2 == 1)));
        Same(all, ViewReader.Read(view, []));
        if (!view.CanShuffle)
            Same(all, ViewReader.Read(view, view.Schema, new Random(123)));
        CheckOneCursorAColumn(view, all);
        CheckCursorSet(view, all);
        return all;
    }

    private static void CheckOneCursorAColumn(IDataView view, Dictionary<string, List<string>> all)
    {
        var cursors = view.Schema.Select(c => (Name: c.Name + "#" + c.Index, Column: c, Cursor: view.GetRowCursor([c]))).ToList();
        try
        {
            var getters = cursors.ConvertAll(c => ViewReader.Getter(c.Cursor, c.Column));
            foreach (var (c, other) in cursors.SelectMany(c => view.Schema.Select(other => (c, other))))
                Assert.Equal(c.Column.Index == other.Index, c.Cursor.IsColumnActive(other));
            for (var row = 0; row < all[""].Count; row++)
            {
                for (var i = 0; i < cursors.Count; i++)
                {
                    Assert.True(cursors[i].Cursor.MoveNext());
                    Assert.Equal(all[cursors[i].Name][row], getters[i]());
                }
            }

            Assert.All(cursors, c => Assert.False(c.Cursor.MoveNext()));
        }
        finally
        {
            cursors.ForEach(c => c.Cursor.Dispose());
        }
    }

    private static void CheckCursorSet(IDataView view, Dictionary<string, List<string>> all)
    {
        var columns = view.Schema.ToList();
        var rows = new Dictionary<string, string>();
        foreach (var cursor in view.GetRowCursorSet(columns, 3))
        {
            using (cursor)
            {
                var getters = columns.ConvertAll(c => ViewReader.Getter(cursor, c));
                var id = cursor.GetIdGetter();
                while (cursor.MoveNext())
                {
                    DataViewRowId row = default;
                    id(ref row);
                    rows.Add(row.ToString(), string.Join("\n", getters.Select(g => g())));
                }
            }
        }

        var expected = all[""].Select((id, row) => (id, text: string.Join("\n", columns.Select(c => all[c.Name + "#" + c.Index][row])))).ToDictionary(p => p.id, p => p.text);
        Assert.Equal(expected.OrderBy(p => p.Key), rows.OrderBy(p => p.Key));
    }

    private static void CheckRowMapper(ITransformer transformer, IDataView good, DataViewSchema schema)
    {
        Assert.True(transformer.IsRowToRowMapper);
        var mapper = transformer.GetRowToRowMapper(good.Schema);
        Assert.Same(good.Schema, mapper.InputSchema);
        SameSchema(schema, mapper.OutputSchema);
    }

    private static void SameSchema(DataViewSchema expected, DataViewSchema actual)
    {
        Assert.Equal(expected.Select(c => (c.Name, c.Type.ToString(), c.IsHidden)), actual.Select(c => (c.Name, c.Type.ToString(), c.IsHidden)));
        foreach (var (left, right) in expected.Zip(actual))
            Assert.Equal(ViewReader.Annotations(left).OrderBy(p => p.Key), ViewReader.Annotations(right).OrderBy(p => p.Key));
    }

    private static void SameShape(SchemaShape promised, SchemaShape delivered)
    {
        Assert.Equal(promised.Select(c => c.Name).Order(), delivered.Select(c => c.Name).Order());
        foreach (var (promise, column) in promised.OrderBy(c => c.Name).Zip(delivered.OrderBy(c => c.Name)))
        {
            Assert.True(column.IsCompatibleWith(promise), $"{promise.Name}: {column.GetTypeString()} is delivered, {promise.GetTypeString()} was promised, or an annotation was not");
            Assert.True(promise.IsCompatibleWith(column), $"{promise.Name}: an annotation was promised that is not delivered");
        }
    }

    private static void Same(Dictionary<string, List<string>> expected, Dictionary<string, List<string>> actual)
    {
        foreach (var (name, values) in actual)
            Assert.Equal(expected[name], values);
    }

    private static void MustRefuse(Action action)
    {
        var exception = Assert.ThrowsAny<Exception>(action);
        Assert.True(exception is ArgumentOutOfRangeException or InvalidOperationException, exception.ToString());
        Assert.Contains("'", exception.Message, StringComparison.Ordinal);
    }
}
