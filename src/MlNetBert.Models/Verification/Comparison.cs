namespace MlNetBert.Models.Verification;

/// <summary>Gathers differences.</summary>
internal sealed class Comparison
{
    private readonly List<string> _compared = [];
    private (string Key, double Difference)? _output;
    private (string Key, double Difference)? _gradient;

    public List<string> Missing { get; } = [];

    public void Loss(double difference) => Worsen(ref _output, "loss", difference);

    public void Output(string key, double difference)
    {
        _compared.Add(key);
        Worsen(ref _output, key, difference);
    }

    public void Gradient(string key, double difference)
    {
        _compared.Add(key);
        Worsen(ref _gradient, key, difference);
    }

    public VerificationResult Result(double? loss, LoadReport report) =>
        new(loss, _output?.Difference ?? 0, _gradient?.Difference, _compared, Missing, _output?.Key, _gradient?.Key, report);

    // A difference that is not a number is the worst there is, and stays.
    private static void Worsen(ref (string Key, double Difference)? worst, string key, double difference)
    {
        if (worst is not { } old || (!double.IsNaN(old.Difference) && !(difference <= old.Difference)))
            worst = (key, difference);
    }
}
