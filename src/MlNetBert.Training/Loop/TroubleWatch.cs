using System.Globalization;

namespace MlNetBert.Training.Loop;

/// <summary>
/// Notices early what makes a run worthless: a learning rate far off or never reached, a loss that does not move. Each is told once.
/// </summary>
internal sealed class TroubleWatch(double learningRate, double warmup, long? totalSteps)
{
    private const int Stretch = 50;
    private const double LeastFall = 0.02;

    private readonly long _lookAt = Math.Max(4 * Stretch, (totalSteps ?? 0) / 5);
    private double _first;
    private double _recent;
    private long _seen;

    /// <summary>What can be told before any work.</summary>
    public IEnumerable<string> BeforeTheFirstStep()
    {
        if (learningRate is > 0.01 or < 1e-6)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The learning rate {learningRate} is far from what trains a language model with AdamW: 1e-5 to 1e-4 from a checkpoint, "
                    + $"1e-4 to 3e-3 from scratch.");
        }

        if (warmup >= 1 && warmup >= totalSteps && totalSteps > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The learning rate is not reached: warm-up is {warmup} steps long, the run {totalSteps}. Choose a shorter one, such as "
                    + $"WarmupRatio 0.1.");
        }
    }

    /// <summary>Takes note of a step's loss.</summary>
    /// <returns>A warning, the one time there is one.</returns>
    public IEnumerable<string> AfterStep(long step, double loss)
    {
        _seen++;
        if (_seen <= Stretch)
            _first += loss / Stretch;
        if (step > _lookAt - Stretch && step <= _lookAt)
            _recent += loss / Stretch;
        return step == _lookAt && _seen >= _lookAt && _first - _recent < LeastFall
            ? [string.Create(
                CultureInfo.InvariantCulture,
                $"The loss has not moved: {_first:0.000} over the first {Stretch} steps, {_recent:0.000} over the last, at step {step}. "
                    + $"Check the learning rate and the data.")]
            : [];
    }
}
