using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.NamedEntities;

/// <summary>The columns that a recogniser adds.</summary>
/// <param name="Tags">The vector of the words' tags.</param>
/// <param name="Entities">Prefix of the entities' columns.</param>
internal sealed record EntityOutputs(string Tags, string Entities)
{
    /// <summary>The entities' columns.</summary>
    public IReadOnlyList<(string Name, PrimitiveDataViewType Type)> EntityColumns =>
    [
        (Entities + ".Label", TextDataViewType.Instance),
        (Entities + ".Text", TextDataViewType.Instance),
        (Entities + ".Start", NumberDataViewType.Int32),
        (Entities + ".End", NumberDataViewType.Int32),
        (Entities + ".Score", NumberDataViewType.Single),
    ];

    /// <summary>The columns as a schema promises them.</summary>
    public IEnumerable<SchemaShape.Column> Promised
    {
        get
        {
            var values = new SchemaShape.Column(
                AnnotationUtils.Kinds.KeyValues, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false);
            return
            [
                new SchemaShape.Column(
                    Tags, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.UInt32, true, new SchemaShape([values])),
                .. EntityColumns.Select(c => new SchemaShape.Column(c.Name, SchemaShape.Column.VectorKind.VariableVector, c.Type, false)),
            ];
        }
    }

    public void Save(ModelSaveContext ctx)
    {
        ctx.SaveNonEmptyString(Tags);
        ctx.SaveNonEmptyString(Entities);
    }

    public static EntityOutputs Load(ModelLoadContext ctx) => new(ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString());
}
