using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Mapping;
using MlNetBert.Text.Blocks;
using MlNetBert.Tokenization;

namespace MlNetBert.Blocks;

/// <summary>
/// The blocks of a token column as rows: a column of known-size token vectors, grouped while a cursor runs, in which raw 0 is padding; and
/// where documents are kept apart a column with the number of each block's document.
/// </summary>
internal sealed class TokenBlocksDataView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly string _column;
    private readonly SubwordTokenizer _tokenizer;
    private readonly BlockOptions _options;

    public TokenBlocksDataView(IHostEnvironment environment, IDataView source, string column, BlockOptions options)
    {
        _host = environment.Register(nameof(TokenBlocksDataView));
        _source = source;
        _column = column;
        _options = options;
        _tokenizer = TokenColumn.RequireTokenizer(TokenColumn.Find(source.Schema, column, "columnName"));
        options.Validate(_tokenizer);
        var schema = new DataViewSchema.Builder();
        var described = TokenColumn.Describe(column, _tokenizer, options, options.BlockLength);
        schema.AddColumn(described.Name, described.Type, described.Annotations);
        if (options.Packing == BlockPacking.OneDocumentPerBlock)
            schema.AddColumn(column + TokenColumn.DocumentSuffix, NumberDataViewType.Int64);
        Schema = schema.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, [.. columnsNeeded.Select(column => column.Index)]);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursorBase
    {
        private readonly TokenBlocksDataView _parent;
        private readonly HashSet<int> _active;
        private readonly DataViewRowCursor _input;
        private readonly Action<List<int>> _read;
        private readonly List<int> _document = [];
        private readonly Queue<(uint[] Keys, long Document)> _blocks = new();
        private readonly BlockGrouper _grouper;
        private (uint[] Keys, long Document) _current = ([], 0);
        private bool _disposed;

        public Cursor(TokenBlocksDataView parent, HashSet<int> active)
            : base(parent._host)
        {
            _parent = parent;
            _active = active;
            var column = TokenColumn.Find(parent._source.Schema, parent._column, "columnName");
            _input = parent._source.GetRowCursor([column]);
            _read = TokenColumn.Reader(_input, column);
            _grouper = new BlockGrouper(parent._options, parent._tokenizer, Enqueue);
        }

        public override DataViewSchema Schema => _parent.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new InvalidOperationException($"Column '{column.Name}' is not active: ask for it in GetRowCursor.");
            Delegate getter = column.Index == 0 ? (ValueGetter<VBuffer<uint>>)GetKeys : (ValueGetter<long>)GetDocument;
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue)}.");
        }

        protected override bool MoveNextCore()
        {
            while (_blocks.Count == 0 && _input.MoveNext())
            {
                _read(_document);
                _grouper.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_document));
            }

            if (_blocks.Count == 0)
                _grouper.Complete();
            return _blocks.TryDequeue(out _current);
        }

        protected override void Dispose(bool disposing)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (disposing)
                _input.Dispose();
            base.Dispose(disposing);
        }

        private void GetKeys(ref VBuffer<uint> value)
        {
            if (!IsGood)
                throw BatchCursor.NoRow();
            var editor = VBufferEditor.Create(ref value, _current.Keys.Length);
            _current.Keys.CopyTo(editor.Values);
            value = editor.Commit();
        }

        private void GetDocument(ref long value)
        {
            if (!IsGood)
                throw BatchCursor.NoRow();
            value = _current.Document;
        }

        private void Enqueue(ReadOnlySpan<int> ids, long? document)
        {
            var keys = new uint[_parent._options.BlockLength];
            for (var i = 0; i < ids.Length; i++)
                keys[i] = (uint)ids[i] + 1;
            _blocks.Enqueue((keys, document ?? -1));
        }
    }
}
