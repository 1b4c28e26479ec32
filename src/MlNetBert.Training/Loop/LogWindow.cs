namespace MlNetBert.Training.Loop;

/// <summary>Loss and speed since the last log event, and the mean time of a step over the run.</summary>
internal sealed class LogWindow
{
    private const int WarmSteps = 3;

    private TimeSpan _time;
    private long _tokens;
    private long _steps;
    private int _warming = WarmSteps + 1;
    private TimeSpan _total;

    /// <summary>Sum of the losses of all targets.</summary>
    public double LossSum { get; private set; }

    /// <summary>How many targets.</summary>
    public long Targets { get; private set; }

    /// <summary>Mean loss per target.</summary>
    public double Loss => LossSum / Targets;

    /// <summary>Tokens a second; 0 before any time has passed.</summary>
    public double TokensPerSecond => _time > TimeSpan.Zero ? _tokens / _time.TotalSeconds : 0;

    /// <summary>Mean time of a step; the first ones, which are slow, do not count once there are more.</summary>
    public TimeSpan StepTime => _steps == 0 ? TimeSpan.Zero : _total / _steps;

    /// <summary>Adds a step.</summary>
    public void Add(double loss, long targets, long tokens, TimeSpan time)
    {
        LossSum += loss * targets;
        Targets += targets;
        _tokens += tokens;
        _time += time;
        if (_warming > 0 && --_warming == 0)
            (_steps, _total) = (0, TimeSpan.Zero);
        _steps++;
        _total += time;
    }

    /// <summary>Goes on from the sums of a checkpoint.</summary>
    public void Resume(double lossSum, long targets) => (LossSum, Targets) = (lossSum, targets);

    /// <summary>Begins a new window.</summary>
    public void Reset() => (LossSum, Targets, _tokens, _time) = (0, 0, 0, TimeSpan.Zero);
}
