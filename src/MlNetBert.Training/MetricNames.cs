using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlNetBert;

/// <summary>
/// The names of metrics as Hugging Face and seqeval spell them: keys of <see cref="EvaluationResult.Metrics"/> and
/// <see cref="TrainingHistoryRow.Metrics"/>, columns of a data frame, entries of a model card.
/// </summary>
public static class MetricNames
{
    /// <summary>Mean loss over all targets.</summary>
    public const string Loss = "loss";

    /// <summary>exp of a cross entropy.</summary>
    public const string Perplexity = "perplexity";

    /// <summary>Fraction of the targets that are predicted correctly, 0 to 1.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>Harmonic mean of precision and recall, 0 to 1: of whole entities, or of an answer's words.</summary>
    public const string F1 = "f1";

    /// <summary>Fraction of the predicted entities that are correct, 0 to 1.</summary>
    public const string Precision = "precision";

    /// <summary>Fraction of the actual entities that were found, 0 to 1.</summary>
    public const string Recall = "recall";

    /// <summary>Fraction of the answers that equal the expected one, 0 to 1: as SQuAD compares them, generated texts to the
    /// character.</summary>
    public const string ExactMatch = "exact_match";

    /// <summary>BLEU of generated texts as SacreBLEU counts it, 0 to 100.</summary>
    public const string Bleu = "bleu";

    /// <summary>chrF2 of generated texts as SacreBLEU counts it, 0 to 100.</summary>
    public const string Chrf = "chrf";

    /// <summary>ROUGE-1 of generated texts, 0 to 1.</summary>
    public const string Rouge1 = "rouge1";

    /// <summary>ROUGE-2 of generated texts, 0 to 1.</summary>
    public const string Rouge2 = "rouge2";

    /// <summary>ROUGE-L of generated texts, 0 to 1.</summary>
    public const string RougeL = "rougeL";

    /// <summary>Pearson's correlation, −1 to 1; missing if labels or predictions are all equal.</summary>
    public const string Pearson = "pearson";

    /// <summary>Mean absolute error.</summary>
    public const string MeanAbsoluteError = "mae";

    /// <summary>Reads metrics that earlier versions saved under other names.</summary>
    internal sealed class Converter : JsonConverter<IReadOnlyDictionary<string, double>>
    {
        private static readonly Dictionary<string, string> Earlier = new(StringComparer.Ordinal)
        {
            ["entity F1"] = F1,
            ["entity precision"] = Precision,
            ["entity recall"] = Recall,
            ["exact match"] = ExactMatch,
            ["Pearson correlation"] = Pearson,
            ["mean absolute error"] = MeanAbsoluteError,
        };

        public override IReadOnlyDictionary<string, double>? Read(ref Utf8JsonReader reader, Type typeToConvert,
            JsonSerializerOptions options)
        {
            if (JsonSerializer.Deserialize<Dictionary<string, double>>(ref reader, options) is not { } saved)
                return null;
            // "F1" by itself may be the metric of an objective that is not MlNetBert's.
            var isAnswers = saved.ContainsKey("exact match");
            return saved.ToDictionary(
                metric => isAnswers && metric.Key == "F1" ? F1 : Earlier.GetValueOrDefault(metric.Key, metric.Key),
                metric => metric.Value,
                StringComparer.Ordinal);
        }

        public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, double> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, options);
    }
}
