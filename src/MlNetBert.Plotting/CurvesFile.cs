namespace MlNetBert.Plotting;

/// <summary>
/// Keeps a picture of a run's curves up to date: drawn at each evaluation, probe and checkpoint. A place in
/// <see cref="TrainingOptions.Progress"/>, as any other listener.
/// </summary>
internal sealed class CurvesFile : IProgress<TrainingProgress>
{
    private readonly string _path;
    private readonly List<TrainingHistoryRow> _rows = [];

    /// <summary>Names the file.</summary>
    /// <param name="path">The PNG file.</param>
    public CurvesFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
    }

    /// <summary>Takes an event.</summary>
    /// <param name="value">The event.</param>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Kind == TrainingProgressKind.Resumed)
            _rows.AddRange(value.History ?? new TrainingHistory([]));
        if (TrainingHistoryRow.TryCreate(value) is { } row)
            _rows.Add(row);
        if (_rows.Count > 0
            && value.Kind is TrainingProgressKind.Evaluation or TrainingProgressKind.Probe or TrainingProgressKind.Checkpoint)
            TrainingCurves.Save(new TrainingHistory(_rows), _path);
    }
}
