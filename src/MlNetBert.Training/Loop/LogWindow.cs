namespace MlNetBert.Training.Loop;

/// <summary>Loss and speed since the last log event, and the mean time of a step over the run.</summary>
internal sealed class LogWindow
{
    private const int WarmSteps = 3;

    private double _lossSum;
    private long _targets;
    private long _tokens;
    private TimeSpan _time;
    private long _steps;
    private int _warming = WarmSteps + 1;
    private TimeSpan _total;

    /// <summary>Mean loss per target.</summary>
    public double Loss => _lossSum / _targets;

    /// <summary>Tokens a second.</summary>
    public double TokensPerSecond => _tokens / _time.TotalSeconds;

    /// <summary>Mean time of a step since the run began; the first steps, which are slow, do not count once there are more.</summary>
    public TimeSpan StepTime => _steps == 0 ? TimeSpan.Zero : _total / _steps;

    /// <summary>Adds a step.</summary>
    public void Add(double loss, long targets, long tokens, TimeSpan time)
    {
        _lossSum += loss * targets;
        _targets += targets;
        _tokens += tokens;
        _time += time;
        if (_warming > 0 && --_warming == 0)
            (_steps, _total) = (0, TimeSpan.Zero);
        _steps++;
        _total += time;
    }

    /// <summary>Begins a new window.</summary>
    public void Reset() => (_lossSum, _targets, _tokens, _time) = (0, 0, 0, TimeSpan.Zero);
}
