using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNetBert.Mapping;

/// <summary>
/// Reads rows ahead in windows: what the mapper needs, what the consumer asked for, and each row's id; then computes the window's new
/// columns at once. Where reading fails amid a window, the rows before are handed on first.
/// </summary>
internal sealed class BatchCursor(IHost host, DataViewSchema schema, DataViewRowCursor input) : RootCursorBase(host)
{
    /// <summary>Bytes of the columns that are handed on and of what is computed, about.</summary>
    private const long BytesAtOnce = 64 << 20;

    private readonly Delegate?[] _getters = new Delegate?[schema.Count];
    private readonly List<CarriedColumn> _carried = [];
    private readonly List<DataViewRowId> _ids = [];
    private readonly ValueGetter<DataViewRowId> _readId = input.GetIdGetter();
    private IBatchWindow? _window;
    private int _rowsAtOnce;
    private ExceptionDispatchInfo? _fault;
    private int _place = -1;
    private bool _isAtEnd;
    private bool _isDisposed;

    public override DataViewSchema Schema => schema;

    public override long Batch => 0;

    private int Place => _place >= 0 ? _place : throw NoRow();

    /// <summary>What is thrown where a value is read and there is none.</summary>
    public static InvalidOperationException NoRow() =>
        new("The cursor stands on no row: expected a value to be read after MoveNext returned true.");

    /// <summary>Hands on columns of the input.</summary>
    /// <param name="row">The input's row in this cursor's schema.</param>
    /// <param name="columns">The columns.</param>
    public void Carry(DataViewRow row, IEnumerable<DataViewSchema.Column> columns)
    {
        foreach (var column in columns)
        {
            var carried = CarriedColumn.Create(row, column, () => Place);
            _carried.Add(carried);
            _getters[column.Index] = carried.Getter;
        }
    }

    /// <summary>Adds a mapper's columns.</summary>
    /// <param name="mapper">The mapper.</param>
    /// <param name="outputs">The places of its columns in the schema.</param>
    /// <param name="needed">The columns that are asked for.</param>
    public void Compute(IBatchMapper mapper, int[] outputs, IReadOnlyList<DataViewSchema.Column> needed)
    {
        bool IsActive(int output) => needed.Any(c => c.Index == outputs[output]);
        _rowsAtOnce = mapper.RowsAtOnce;
        _window = mapper.CreateWindow(input, IsActive, () => Place);
        for (var output = 0; output < outputs.Length; output++)
        {
            if (IsActive(output))
                _getters[outputs[output]] = _window.Getters[output];
        }
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _getters[column.Index] is not null;

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _ids[Place];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        var getter = _getters[column.Index]
            ?? throw new InvalidOperationException($"Column '{column.Name}' is not active: ask for it in GetRowCursor.");
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type}, not {typeof(TValue)}.");
    }

    protected override bool MoveNextCore()
    {
        if (++_place < _ids.Count)
            return true;
        _place = -1;
        _ids.Clear();
        if (_fault is null && !_isAtEnd)
            FillWindow();
        if (_ids.Count == 0)
        {
            _fault?.Throw();
            return false;
        }

        _place = 0;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _place = -1;
        if (disposing)
            input.Dispose();
        base.Dispose(disposing);
    }

    private void FillWindow()
    {
        try
        {
            ReadRows();
        }
        catch (Exception e)
        {
            // The rows before this one are whole. Their consumer gets them, and then the fault.
            _fault = ExceptionDispatchInfo.Capture(e);
        }

        if (_ids.Count == 0)
            return;
        try
        {
            _window!.Compute(_ids.Count);
        }
        catch (Exception e)
        {
            _ids.Clear();
            _fault = ExceptionDispatchInfo.Capture(e);
        }
    }

    private void ReadRows()
    {
        _window!.Clear();
        for (long bytes = 0; _ids.Count < _rowsAtOnce && bytes < BytesAtOnce;)
        {
            _isAtEnd = !input.MoveNext();
            if (_isAtEnd)
                return;
            bytes += _window.Read();
            foreach (var column in _carried)
                bytes += column.Read(_ids.Count);
            DataViewRowId id = default;
            _readId(ref id);
            _ids.Add(id);
        }
    }
}
