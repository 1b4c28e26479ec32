using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Interop;
using MlNetBert.Models.Kernels;

namespace MlNetBert.Mapping;

/// <summary>
/// A transformer that adds columns row by row. ML.NET's own machinery (schema propagation, parallel cursors, prediction engines) does the
/// rest once a mapper is made for a schema. Rows are read once, by one cursor.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract class RowMapperTransformer : ITransformer
{
    private int _faultsTold;

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
        return MakeRowToRowMapper(inputSchema);
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        RequireModel();
        var mapper = MakeMapper(input.Schema);
        var rows = new RowToRowMapperTransform(Host, input, mapper, MakeMapper);
        return mapper is IBatchMapper batches ? new BatchDataView(Host, rows, batches) : rows;
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        try
        {
            SaveWhole(ctx);
        }
        catch
        {
            AbandonedSave.Discard(ctx);
            throw;
        }
    }

    /// <summary>Tells in the log, once, what this processor was found to multiply wrongly.</summary>
    internal void TellFaults()
    {
        if (ProcessorFaults.Messages is not { Count: > 0 } messages || Interlocked.Exchange(ref _faultsTold, 1) == 1)
            return;
        using var channel = Host.Start("Compute");
        foreach (var message in messages)
            channel.Warning(MessageSensitivity.None, "{0}", message);
    }

    private protected virtual IRowToRowMapper MakeRowToRowMapper(DataViewSchema schema) =>
        new RowToRowMapperTransform(Host, new EmptyDataView(Host, schema), MakeMapper(schema), MakeMapper);

    /// <summary>Refuses work where what it needs was disposed of.</summary>
    private protected virtual void RequireModel()
    {
    }

    private protected virtual void SaveWhole(ModelSaveContext ctx) => SaveModel(ctx);

    private protected abstract IRowMapper MakeMapper(DataViewSchema schema);

    private protected abstract void SaveModel(ModelSaveContext ctx);
}
