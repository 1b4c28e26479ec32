namespace MlNetBert.Training.Schedules;

/// <summary>
/// The learning rate as a pure function of how far a run has come. A run measures its way in steps, or in seconds where it has a time
/// budget: both give a position and a length in the same unit.
/// </summary>
internal sealed class Schedule
{
    private readonly LearningRateSchedule _shape;
    private readonly double _peak;
    private readonly double _warmupRatio;
    private readonly int? _warmupSteps;

    /// <summary>Creates a schedule.</summary>
    /// <param name="shape">What follows warm-up.</param>
    /// <param name="peak">The learning rate at the end of warm-up.</param>
    /// <param name="warmupRatio">Warm-up as a fraction of the run, 0 to 1.</param>
    /// <param name="warmupSteps">Warm-up as a number of steps, instead of the fraction; null for the fraction.</param>
    public Schedule(LearningRateSchedule shape, double peak, double warmupRatio, int? warmupSteps = null)
    {
        _shape = shape;
        _peak = peak;
        _warmupRatio = warmupRatio;
        _warmupSteps = warmupSteps;
    }

    /// <summary>The learning rate of one step.</summary>
    /// <param name="position">Steps (or seconds) already done: 0 for the first step.</param>
    /// <param name="length">Steps (or seconds) of the whole run.</param>
    /// <returns>The learning rate, zero or more.</returns>
    public double At(double position, double length)
    {
        if (_shape == LearningRateSchedule.Triangular)
        {
            var half = Math.Max(1, length / 2);
            return _peak * Math.Max(0, position < half ? (position + 1) / (half + 1) : (length - position) / (length - half));
        }

        var warmup = WarmupLength(length);
        if (position < warmup)
            return _peak * position / warmup;
        var share = length > warmup ? Math.Min(1, (position - warmup) / (length - warmup)) : 1;
        return _peak * _shape switch
        {
            LearningRateSchedule.Linear => 1 - share,
            LearningRateSchedule.Cosine => 0.5 * (1 + Math.Cos(Math.PI * share)),
            LearningRateSchedule.InverseSquareRoot => Math.Sqrt(Math.Max(1, warmup) / Math.Max(1, position)),
            _ => 1,
        };
    }

    /// <summary>Steps (or seconds) of warm-up in a run of this length.</summary>
    internal double WarmupLength(double length) => _shape == LearningRateSchedule.Triangular
        ? 0
        : _warmupSteps ?? Math.Round(_warmupRatio * length, MidpointRounding.AwayFromZero);
}
