using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNetBert.Mapping;

/// <summary>
/// Rows with the columns of a <see cref="IBatchMapper"/>, computed lazily in windows. Two cursors run over the input: one ahead, which reads what the
/// mapper needs, and one that hands on the other columns in step, so that no value of theirs is ever copied.
/// </summary>
internal sealed class BatchDataView(IHost host, RowToRowMapperTransform rows, IBatchMapper mapper) : IDataTransform, ITransformTemplate
{
    private readonly int[] _outputs = [.. mapper.GetOutputColumns().Select(c => rows.OutputSchema[c.Name].Index)];

    public IDataView Source => rows.Source;

    public DataViewSchema Schema => rows.OutputSchema;

    public bool CanShuffle => false;

    public long? GetRowCount() => Source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = columnsNeeded.ToList();
        var active = new bool[Schema.Count];
        foreach (var column in needed)
            active[column.Index] = true;
        if (!_outputs.Any(o => active[o]))
            return rows.GetRowCursor(needed);
        var passed = needed.Where(c => !_outputs.Contains(c.Index)).ToList();
        bool IsActive(int output) => active[_outputs[output]];
        var dependencies = mapper.GetDependencies(IsActive);
        var ahead = Source.GetRowCursor(Source.Schema.Where(c => dependencies(c.Index)));
        return new Cursor(host, rows.GetRowCursor(passed), mapper.CreateWindow(ahead, IsActive), this, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    public void Save(ModelSaveContext ctx) => mapper.GetTransformer().Save(ctx);

    IDataTransform ITransformTemplate.ApplyToData(IHostEnvironment env, IDataView newSource) => (IDataTransform)mapper.GetTransformer().Transform(newSource);

    private sealed class Cursor : SynchronizedCursorBase
    {
        private readonly IBatchWindow _window;
        private readonly BatchDataView _parent;
        private readonly bool[] _active;
        private bool _disposed;

        public Cursor(IHost host, DataViewRowCursor rows, IBatchWindow window, BatchDataView parent, bool[] active)
            : base(host, new SteppingCursor(host, rows, window))
        {
            _window = window;
            _parent = parent;
            _active = active;
        }

        public override DataViewSchema Schema => _parent.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!_active[column.Index])
                throw new InvalidOperationException($"Column '{column.Name}' is not active: ask for it in GetRowCursor.");
            var output = Array.IndexOf(_parent._outputs, column.Index);
            if (output < 0)
                return Input.GetGetter<TValue>(column);
            return _window.Getters[output] as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue)}.");
        }

        protected override void Dispose(bool disposing)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (disposing)
                _window.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Moves the row cursor and the window together.</summary>
    private sealed class SteppingCursor(IHost host, DataViewRowCursor rows, IBatchWindow window) : LinkedRootCursorBase(host, rows)
    {
        public override DataViewSchema Schema => Input.Schema;

        public override long Batch => Input.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => Input.IsColumnActive(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Input.GetGetter<TValue>(column);

        protected override bool MoveNextCore() => Root.MoveNext() && window.MoveNext();
    }
}
