using System.Globalization;
using System.Text;

namespace MlNetBert.HuggingFace.Cards;

/// <summary>Renders a model card: YAML metadata, then Markdown.</summary>
internal static class ModelCardRenderer
{
    public static string Render(ModelCard card)
    {
        var text = new StringBuilder("---\n");
        AppendMetadata(text, card);
        text.Append("---\n\n# ").Append(OneLine(card.ModelName)).Append('\n');
        AppendParagraph(text, null, card.Summary);
        if (card.BaseModel is { } baseModel)
            AppendParagraph(text, null, $"Training started from `{OneLine(baseModel)}`.");
        AppendParagraph(text, "How to use", card.Usage);
        AppendTable(text, "Evaluation", "Metric",
            [.. card.Metrics.Select(metric => new ModelCardEntry(metric.Name, Number(metric.Value)))]);
        if (card.Metrics.Count > 0 && card.EvaluationData is { } data)
            AppendParagraph(text, null, $"Measured on {OneLine(data)}.");
        AppendTable(text, "Training data", "", card.TrainingData);
        AppendTable(text, "Training options", "Option", card.TrainingOptions);
        AppendTable(text, "Training run", "Figure", card.TrainingFigures);
        AppendTable(text, "Versions", "Library", card.Versions);
        return text.ToString();
    }

    private static void AppendMetadata(StringBuilder text, ModelCard card)
    {
        AppendList(text, "language", card.Languages);
        AppendScalar(text, "license", card.License);
        AppendScalar(text, "library_name", card.LibraryName);
        AppendScalar(text, "pipeline_tag", card.PipelineTag);
        AppendScalar(text, "base_model", card.BaseModel);
        AppendList(text, "datasets", card.Datasets);
        AppendList(text, "tags", card.Tags);
        var finite = card.Metrics.Where(metric => double.IsFinite(metric.Value)).ToList();
        AppendList(text, "metrics", [.. finite.Select(metric => metric.Type).Distinct(StringComparer.Ordinal)]);
        if (finite.Count == 0 || card.EvaluationData is not { } data || card.PipelineTag is not { } task)
            return;
        text.Append(string.Create(CultureInfo.InvariantCulture, $"""
            model-index:
            - name: {Yaml(card.ModelName)}
              results:
              - task:
                  type: {Yaml(task)}
                dataset:
                  name: {Yaml(data)}
                  type: {Yaml(card.Datasets.Count > 0 ? card.Datasets[0] : data)}
                metrics:

            """).ReplaceLineEndings("\n"));
        foreach (var metric in finite)
            text.Append(CultureInfo.InvariantCulture,
                $"    - type: {Yaml(metric.Type)}\n      name: {Yaml(metric.Name)}\n      value: {Number(metric.Value)}\n");
    }

    private static void AppendScalar(StringBuilder text, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            text.Append(key).Append(": ").Append(Yaml(value)).Append('\n');
    }

    private static void AppendList(StringBuilder text, string key, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;
        text.Append(key).Append(":\n");
        foreach (string value in values)
            text.Append("- ").Append(Yaml(value)).Append('\n');
    }

    private static void AppendParagraph(StringBuilder text, string? heading, string? paragraph)
    {
        if (string.IsNullOrWhiteSpace(paragraph))
            return;
        if (heading is not null)
            text.Append("\n## ").Append(heading).Append('\n');
        text.Append('\n').Append(paragraph.ReplaceLineEndings("\n").Trim()).Append('\n');
    }

    private static void AppendTable(StringBuilder text, string heading, string first, IReadOnlyList<ModelCardEntry> rows)
    {
        if (rows.Count == 0)
            return;
        text.Append("\n## ").Append(heading).Append("\n\n| ").Append(first).Append(" | Value |\n|---|---|\n");
        foreach (var row in rows)
            text.Append("| ").Append(Cell(row.Name)).Append(" | ").Append(Cell(row.Value)).Append(" |\n");
    }

    private static string Number(double value) =>
        value.ToString("G6", CultureInfo.InvariantCulture) is var shown && shown.Contains('E', StringComparison.Ordinal)
        ? value.ToString("0.0######E+00", CultureInfo.InvariantCulture) // YAML wants a point in a number with an exponent
        : shown;

    private static string Cell(string value) =>
        OneLine(value).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);

    private static string OneLine(string value) => value.ReplaceLineEndings(" ").Trim();

    /// <summary>A string as YAML: plain where nothing can be mistaken (Norwegian's <c>no</c> can), else quoted as JSON is.</summary>
    private static string Yaml(string value)
    {
        bool plain = value.Length > 0
            && char.IsAsciiLetter(value[0])
            && value.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' or '/')
            && value.ToLowerInvariant() is not ("y" or "n" or "yes" or "no" or "true" or "false" or "on" or "off" or "null");
        if (plain)
            return value;
        var quoted = new StringBuilder("\"");
        foreach (char character in value)
        {
            if (character is '"' or '\\')
                quoted.Append('\\').Append(character);
            else if (char.IsControl(character) || character is '\u2028' or '\u2029' or '\uFEFF')
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                quoted.Append(character);
        }
        return quoted.Append('"').ToString();
    }
}
