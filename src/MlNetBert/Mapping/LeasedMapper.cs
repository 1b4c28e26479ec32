using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Mapping;

/// <summary>
/// What a prediction engine is made of. It came with a lease of the transformer, which the engine gives back when it is disposed of. An
/// engine that was never made, because the columns do not fit the rows' class, disposes of nothing: a mapper that no row was asked of
/// gives the lease back itself, by its finalizer.
/// </summary>
internal sealed class LeasedMapper(ModelTransformer transformer, IRowToRowMapper mapper) : IRowToRowMapper
{
    // Weak, for where the transformer goes together with this: its parts may be finalized by then. A WeakReference would be one of them.
    private GCHandle _transformer = GCHandle.Alloc(transformer, GCHandleType.Weak);
    private int _isUsed;

#pragma warning disable MA0055 // nobody disposes of a mapper
    ~LeasedMapper()
    {
        var alive = _transformer.Target as ModelTransformer;
        _transformer.Free();
        alive?.EndLease();
    }
#pragma warning restore MA0055

    public DataViewSchema InputSchema => mapper.InputSchema;

    public DataViewSchema OutputSchema => mapper.OutputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        mapper.GetDependencies(dependingColumns);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        if (Interlocked.Exchange(ref _isUsed, 1) == 0)
        {
            GC.SuppressFinalize(this);
            _transformer.Free();
        }

        return mapper.GetRow(input, activeColumns);
    }
}
