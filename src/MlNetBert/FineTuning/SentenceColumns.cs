using Microsoft.ML;
using MlNetBert.Mapping;

namespace MlNetBert.FineTuning;

/// <summary>The one or two text columns that a fine-tuned model reads.</summary>
/// <param name="First">The first.</param>
/// <param name="Second">The second; null for texts alone.</param>
internal sealed record SentenceColumns(string First, string? Second)
{
    /// <summary>The parameter that names the first.</summary>
    public string FirstRole { get; init; } = "sentence1ColumnName";

    /// <summary>The parameter that names the second.</summary>
    public string SecondRole { get; init; } = "sentence2ColumnName";

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names => Second is null ? [First] : [First, Second];

    /// <exception cref="ArgumentOutOfRangeException">A column is missing or does not hold text.</exception>
    public IReadOnlyList<DataViewSchema.Column> Find(DataViewSchema schema) => Second is null
        ? [Columns.FindText(schema, First, FirstRole)]
        : [Columns.FindText(schema, First, FirstRole), Columns.FindText(schema, Second, SecondRole)];

    /// <exception cref="ArgumentOutOfRangeException">A column is not promised or does not hold text.</exception>
    public void Require(SchemaShape schema)
    {
        Columns.RequireText(schema, First, FirstRole);
        if (Second is not null)
            Columns.RequireText(schema, Second, SecondRole);
    }

    /// <summary>Reads the texts of the row that <paramref name="row"/> stands at; a missing one is empty.</summary>
    public Func<(string First, string? Second)> Reader(DataViewRow row, InvalidTextHandling handling)
    {
        var found = Find(row.Schema);
        var first = TextColumn.Reader(row, found[0], handling);
        if (Second is null)
            return () => (first().ToString(), null);
        var second = TextColumn.Reader(row, found[1], handling);
        return () => (first().ToString(), second().ToString());
    }

    public void Save(ModelSaveContext ctx)
    {
        ctx.SaveNonEmptyString(First);
        ctx.SaveStringOrNull(Second);
    }

    public static SentenceColumns Load(ModelLoadContext ctx) => new(ctx.LoadNonEmptyString(), ctx.LoadStringOrNull());
}
