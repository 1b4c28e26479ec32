using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNetBert.Mapping;

/// <summary>
/// Rows with the columns of a <see cref="IBatchMapper"/>, computed lazily in windows. The input is read once, by one cursor, so that rows
/// that can be read once, come in another order each time or allow one reader at a time belong together; values of the other columns are
/// kept for the length of a window.
/// </summary>
internal sealed class BatchDataView : IDataTransform, IRowToRowMapper, ITransformTemplate
{
    private readonly IHost _host;
    private readonly RowToRowMapperTransform _rows;
    private readonly IBatchMapper _mapper;
    private readonly int[] _outputs;

    /// <summary>Describes the rows; none is read yet.</summary>
    /// <param name="host">Where cursors report.</param>
    /// <param name="rows">The same rows one by one: their schema, and what they depend on.</param>
    /// <param name="mapper">Computes the new columns.</param>
    public BatchDataView(IHost host, RowToRowMapperTransform rows, IBatchMapper mapper)
    {
        _host = host;
        _rows = rows;
        _mapper = mapper;
        _outputs = [.. mapper.GetOutputColumns().Select(c => rows.OutputSchema[c.Name].Index)];
    }

    public IDataView Source => _rows.Source;

    public DataViewSchema Schema => _rows.OutputSchema;

    public bool CanShuffle => false;

    DataViewSchema IRowToRowMapper.InputSchema => Source.Schema;

    DataViewSchema IRowToRowMapper.OutputSchema => Schema;

    private IRowToRowMapper RowByRow => _rows;

    public long? GetRowCount() => Source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = columnsNeeded.DistinctBy(c => c.Index).ToList();
        if (!needed.Any(c => _outputs.Contains(c.Index)))
            return _rows.GetRowCursor(needed);
        var input = Source.GetRowCursor(RowByRow.GetDependencies(needed));
        try
        {
            var cursor = new BatchCursor(_host, Schema, input);
            var carried = needed.Where(c => !_outputs.Contains(c.Index)).ToList();
            cursor.Carry(RowByRow.GetRow(input, carried), carried);
            cursor.Compute(_mapper, _outputs, needed);
            return cursor;
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    public void Save(ModelSaveContext ctx) => _mapper.GetTransformer().Save(ctx);

    IEnumerable<DataViewSchema.Column> IRowToRowMapper.GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        RowByRow.GetDependencies(dependingColumns);

    DataViewRow IRowToRowMapper.GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        RowByRow.GetRow(input, activeColumns);

    IDataTransform ITransformTemplate.ApplyToData(IHostEnvironment env, IDataView newSource) =>
        (IDataTransform)_mapper.GetTransformer().Transform(newSource);
}
