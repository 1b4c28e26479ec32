using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Mapping;

/// <summary>A mapper from one input column to one or more new ones.</summary>
internal abstract class RowMapper(ITransformer parent, DataViewSchema.Column input) : IRowMapper
{
    private DataViewSchema.DetachedColumn[]? _outputs;

    protected DataViewSchema.Column Input { get; } = input;

    public Func<int, bool> GetDependencies(Func<int, bool> activeOutput)
    {
        var any = Enumerable.Range(0, GetOutputColumns().Length).Any(activeOutput);
        return column => any && column == Input.Index;
    }

    public DataViewSchema.DetachedColumn[] GetOutputColumns() => _outputs ??= MakeOutputColumns();

    public ITransformer GetTransformer() => parent;

    public abstract Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer);

    void ICanSaveModel.Save(ModelSaveContext ctx) => parent.Save(ctx);

    protected abstract DataViewSchema.DetachedColumn[] MakeOutputColumns();
}
