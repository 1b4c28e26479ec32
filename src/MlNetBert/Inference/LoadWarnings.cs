using System.Globalization;
using Microsoft.ML.Runtime;
using MlNetBert.HuggingFace;
using MlNetBert.Interop;
using MlNetBert.Models;

namespace MlNetBert.Inference;

/// <summary>What there is to say about the weights of a checkpoint that was opened.</summary>
internal static class LoadWarnings
{
    private const int MostNames = 8;

    /// <summary>Refuses a checkpoint that lacks weights of the encoder, unless they may be drawn.</summary>
    /// <exception cref="ModelFormatException">It does.</exception>
    public static void RequireEncoder(LoadReport report, bool allowMissing, string source)
    {
        if (report.MissingInBackbone.Count > 0 && !allowMissing)
        {
            throw new ModelFormatException(
                source,
                $"lacks weights of the encoder that config.json asks for: {Names(report.MissingInBackbone)}. Drawn at random they would "
                    + "make every result wrong. Get the checkpoint anew. To train on from it all the same: "
                    + "PretrainedModelOptions.AllowMissing.");
        }
    }

    /// <summary>What there is to say about a directory whose weights are copied and not loaded.</summary>
    public static IReadOnlyList<string> OfCopy(string directory, string source)
    {
        var opened = ModelDirectory.Open(directory);
        var config = ModelArchitecture.ReadConfig(opened.ConfigPath);
        var architecture = ModelArchitecture.Of(config);
        using var weights = opened.OpenWeights();
        var report = architecture.Match(architecture.ClassOf(config, weights, out var guess), config, weights);
        string[] warnings = [.. weights.Notes, .. Of(report with { MissingInBackbone = [] }, guess, source)];
        return report.MissingInBackbone.Count == 0
            ? warnings
            : [$"{source} lacks weights of the encoder: {Names(report.MissingInBackbone)}.", .. warnings];
    }

    /// <summary>The warnings, a sentence or two each.</summary>
    /// <param name="report">What became of the tensors.</param>
    /// <param name="guess">What there is to say of the class; null for nothing.</param>
    /// <param name="source">What messages call the model.</param>
    public static IReadOnlyList<string> Of(LoadReport report, string? guess, string source)
    {
        var warnings = new List<string>();
        if (guess is not null)
            warnings.Add($"{source}: {guess}");
        if (report.MissingInBackbone.Count > 0)
            warnings.Add(
                $"{source} lacks weights of the encoder, which are drawn at random: {Names(report.MissingInBackbone)}. The model can be "
                    + "trained on, but predicts nothing before that.");
        foreach (var (name, taken) in report.Contradicting)
        {
            warnings.Add($"{source} holds '{name}' with other values than '{taken}', which is used instead"
                + (report.Untied.Contains(name, StringComparer.Ordinal)
                    ? ": config.json says tie_word_embeddings. Set it to false there to keep both."
                    : "."));
        }

        warnings.AddRange(OfUntied(report, source));
        if (report.UnexpectedKeys.Count > 0)
            warnings.Add($"{source} holds tensors that are not used: {Names(report.UnexpectedKeys)}.");
        return warnings;
    }

    /// <summary>Those of decoders that were untied, because they have values of their own.</summary>
    public static IEnumerable<string> OfUntied(LoadReport report, string source) =>
        report.Untied.Where(name => !report.Contradicting.ContainsKey(name)).Select(name =>
            $"{source} holds '{name}' with other values than the word embeddings, although config.json says "
                + "tie_word_embeddings: both are kept, and the model has tie_word_embeddings false. Set it to false there.");

    /// <summary>Writes what was not said yet to ML.NET's log.</summary>
    public static void Tell(IHost host, SharedModel model)
    {
        var warnings = model.TakeWarnings();
        if (warnings.Count == 0)
            return;
        using var channel = host.Start("Open the model");
        channel.Warn(warnings);
    }

    /// <summary>Names for a message: the first few, and how many more there are.</summary>
    public static string Names(IReadOnlyList<string> names) => names.Count <= MostNames
        ? string.Join(", ", names)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(MostNames))} and {names.Count - MostNames} more");
}
