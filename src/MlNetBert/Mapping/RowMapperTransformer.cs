using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNetBert.Mapping;

/// <summary>
/// A transformer that adds columns row by row. ML.NET's own machinery (schema propagation, parallel cursors, prediction engines) does the rest once
/// a mapper is made for a schema.
/// </summary>
public abstract class RowMapperTransformer : ITransformer
{
    private protected RowMapperTransformer(IHostEnvironment environment, string name) => Host = environment.Register(name);

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    private protected IHost Host { get; }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return RowToRowMapperTransform.GetOutputSchema(inputSchema, MakeMapper(inputSchema));
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return MakeDataTransform(new EmptyDataView(Host, inputSchema));
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return MakeDataView(MakeDataTransform(input));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => SaveModel(ctx);

    private protected virtual IDataView MakeDataView(RowToRowMapperTransform rows) => rows;

    private protected RowToRowMapperTransform MakeDataTransform(IDataView input) => new(Host, input, MakeMapper(input.Schema), MakeMapper);

    private protected abstract IRowMapper MakeMapper(DataViewSchema schema);

    private protected abstract void SaveModel(ModelSaveContext ctx);
}
