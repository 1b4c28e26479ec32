namespace MlNetBert;

/// <summary>What a probe found.</summary>
public sealed record ProbeResult
{
    internal ProbeResult(string name, double accuracy)
    {
        Name = name;
        Accuracy = accuracy;
    }

    /// <summary>The probe's name.</summary>
    public string Name { get; internal init; }

    /// <summary>Share of its held-out rows that were classified rightly, 0 to 1.</summary>
    public double Accuracy { get; internal init; }
}
