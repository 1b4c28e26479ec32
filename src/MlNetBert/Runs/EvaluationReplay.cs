using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNetBert.Runs;

/// <summary>
/// Takes rows through the steps that made columns of the training rows. Only steps that the columns were computed by are repeated: not
/// those that drop or reorder rows (a train-test split's filter, say), which belong to the training rows alone.
/// </summary>
internal static class EvaluationReplay
{
    /// <summary>Applies the steps behind <paramref name="columns"/> to other rows.</summary>
    /// <param name="host">Makes the steps anew.</param>
    /// <param name="trained">The training rows as the last step gave them.</param>
    /// <param name="columns">The columns that are wanted.</param>
    /// <param name="data">Rows as the first of the steps takes them.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rows lack a column that the steps begin with, or a step cannot be
    /// repeated.</exception>
    public static IDataView Apply(IHost host, IDataView trained, IReadOnlyCollection<string> columns, IDataView data)
    {
        var steps = new Stack<IDataTransform>();
        var needed = new HashSet<string>(columns, StringComparer.Ordinal);
        for (IDataView? view = trained; view is not null; view = SourceOf(view))
        {
            if (view is not IDataTransform step)
                continue;
            var computed = step.Schema
                .Where(c => !c.IsHidden && needed.Contains(c.Name) && Count(step.Schema, c.Name) > Count(step.Source.Schema, c.Name))
                .ToList();
            if (computed.Count == 0)
                continue;
            if (step is not IRowToRowMapper mapper)
                throw Missing(columns, data, $"'{computed[0].Name}', because {step.GetType().Name} cannot be repeated");
            steps.Push(step);
            needed.ExceptWith(computed.Select(c => c.Name));
            needed.UnionWith(mapper.GetDependencies(computed).Select(c => c.Name));
        }

        var missing = needed.Where(n => data.Schema.GetColumnOrNull(n) is null).ToList();
        if (steps.Count == 0 || missing.Count > 0)
            throw Missing(columns, data, string.Join(" and ", missing.Select(n => $"'{n}'")) + ", from which the pipeline makes it");
        return steps.Aggregate(data, (rows, step) => ApplyTransformUtils.ApplyTransformToData(host, step, rows));
    }

    private static IDataView? SourceOf(IDataView view) => view switch
    {
        IDataTransform step => step.Source,
        CacheDataView cache => CachedInput(cache),
        _ => null,
    };

    private static int Count(DataViewSchema schema, string name) => schema.Count(c => c.Name == name);

    private static ArgumentOutOfRangeException Missing(IEnumerable<string> columns, IDataView data, string alternative) => new(
        nameof(PretrainingOptions.EvaluationData),
        $"{nameof(PretrainingOptions.EvaluationData)} must have {string.Join(" and ", columns.Select(c => $"'{c}'"))} as the training "
            + $"rows have, or else {alternative}, but has the columns {string.Join(", ", data.Schema.Select(c => $"'{c.Name}'"))}. Take "
            + "it through the same fitted steps first.");

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_subsetInput")]
    private static extern ref IDataView CachedInput(CacheDataView view);
}
