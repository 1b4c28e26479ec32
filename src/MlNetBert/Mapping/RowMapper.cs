using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Mapping;

/// <summary>A mapper from one or more input columns to one or more new ones.</summary>
internal abstract class RowMapper(ITransformer parent, params IReadOnlyList<DataViewSchema.Column> inputs) : IRowMapper
{
    private DataViewSchema.DetachedColumn[]? _outputs;

    /// <summary>The first input column.</summary>
    protected DataViewSchema.Column Input => Inputs[0];

    /// <summary>The input columns.</summary>
    protected IReadOnlyList<DataViewSchema.Column> Inputs { get; } = inputs;

    public Func<int, bool> GetDependencies(Func<int, bool> activeOutput)
    {
        var any = Enumerable.Range(0, GetOutputColumns().Length).Any(activeOutput);
        return column => any && Inputs.Any(input => input.Index == column);
    }

    public DataViewSchema.DetachedColumn[] GetOutputColumns() => _outputs ??= MakeOutputColumns();

    public ITransformer GetTransformer() => parent;

    public abstract Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer);

    void ICanSaveModel.Save(ModelSaveContext ctx) => parent.Save(ctx);

    protected abstract DataViewSchema.DetachedColumn[] MakeOutputColumns();
}
