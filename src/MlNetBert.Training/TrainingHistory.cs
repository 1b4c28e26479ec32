using System.Collections;

namespace MlNetBert;

/// <summary>What a run reported, a row per log event, evaluation and probe's figure, in order.</summary>
public sealed class TrainingHistory : IReadOnlyList<TrainingHistoryRow>
{
    private readonly TrainingHistoryRow[] _rows;

    /// <summary>Creates a history of the given rows.</summary>
    /// <param name="rows">The rows, in order.</param>
    public TrainingHistory(IEnumerable<TrainingHistoryRow> rows) => _rows = [.. rows.Select(Whole)];

    /// <inheritdoc/>
    public int Count => _rows.Length;

    /// <summary>The last evaluation; null where the run made none.</summary>
    public TrainingHistoryRow? LastEvaluation => _rows.LastOrDefault(r => r.EvaluationLoss is not null);

    /// <inheritdoc/>
    public TrainingHistoryRow this[int index] => _rows[index];

    /// <inheritdoc/>
    public IEnumerator<TrainingHistoryRow> GetEnumerator() => ((IEnumerable<TrainingHistoryRow>)_rows).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A file has null for a perplexity beyond all numbers; the loss tells it.</summary>
    private static TrainingHistoryRow Whole(TrainingHistoryRow row) =>
        row is { EvaluationPerplexity: null, EvaluationLoss: { } loss, EvaluationAccuracy: not null }
            && double.IsPositiveInfinity(Math.Exp(loss))
            ? row with { EvaluationPerplexity = double.PositiveInfinity } : row;

    /// <summary>Collects a history from the events of a run.</summary>
    internal sealed class Recorder : IProgress<TrainingProgress>
    {
        private readonly List<TrainingHistoryRow> _rows = [];

        public TrainingHistory History => new(_rows);

        /// <summary>Whether a probe has given its figure at a step.</summary>
        public bool Has(long step, string probe) => _rows.Exists(row => row.Step == step && row.Probe == probe);

        public void Resume(IEnumerable<TrainingHistoryRow> rows) => _rows.AddRange(rows);

        public void Report(TrainingProgress value)
        {
            if (TrainingHistoryRow.TryCreate(value) is { } row)
                _rows.Add(row);
        }
    }
}
