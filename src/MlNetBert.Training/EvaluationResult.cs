using System.Globalization;
using System.Text.Json.Serialization;

namespace MlNetBert;

/// <summary>Figures over all targets of an evaluation.</summary>
/// <param name="Loss">Mean loss over all targets: cross entropy in nats where they are classes, else the objective's own (squared error of
/// numbers).</param>
/// <param name="Accuracy">Share of the targets whose best candidate is right, 0 to 1; null where targets are not classes.</param>
/// <param name="TargetCount">How many targets (masked tokens, rows) were counted.</param>
public sealed record EvaluationResult(double Loss, double? Accuracy, [property: JsonPropertyName("Targets")] long TargetCount)
{
    /// <summary>exp(<see cref="Loss"/>) where the loss is the cross entropy of a token, as in language modeling.</summary>
    /// <value>Default null: the loss is another.</value>
    public double? Perplexity { get; init; }

    /// <summary>Further metrics of the objective by <see cref="MetricNames"/>, such as an F1.</summary>
    /// <value>Default null: none.</value>
    [JsonConverter(typeof(MetricNames.Converter))]
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }

    /// <summary>The figures of an objective whose loss is the cross entropy of a token: they have a perplexity.</summary>
    /// <param name="loss">Mean cross entropy of a token, in nats.</param>
    /// <param name="accuracy">Share of the tokens that are right, 0 to 1.</param>
    /// <param name="targetCount">How many tokens were counted.</param>
    /// <returns>The figures.</returns>
    public static EvaluationResult FromTokens(double loss, double? accuracy, long targetCount) =>
        new(loss, accuracy, targetCount) { Perplexity = Math.Exp(loss) };

    /// <summary>The figures in a line, for people.</summary>
    /// <returns>The loss, and what else there is: perplexity and accuracy, <see cref="Metrics"/> by their names.</returns>
    public override string ToString()
    {
        var perplexity = Perplexity is null ? "" : string.Create(CultureInfo.InvariantCulture, $"  perplexity {Perplexity:0.0}");
        var accuracy = Accuracy is null ? "" : string.Create(CultureInfo.InvariantCulture, $"  accuracy {Accuracy:0.0 %}");
        var others = Metrics?.Select(m => string.Create(CultureInfo.InvariantCulture, $"  {m.Key} {m.Value:0.000}")) ?? [];
        return string.Create(CultureInfo.InvariantCulture, $"loss {Loss:0.0000}{perplexity}{accuracy}{string.Concat(others)}");
    }
}
