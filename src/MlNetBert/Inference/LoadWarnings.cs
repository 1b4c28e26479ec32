using System.Globalization;
using MlNetBert.HuggingFace;
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
        if (report.MissingInEncoder.Count > 0 && !allowMissing)
        {
            throw new ModelFormatException(
                source,
                $"lacks weights of the encoder that config.json asks for: {Names(report.MissingInEncoder)}. Drawn at random they would make every result wrong. Get the checkpoint anew. To train on from it all the same: PretrainedModelOptions.AllowMissing.");
        }
    }

    /// <summary>The warnings, a sentence or two each.</summary>
    /// <param name="report">What became of the tensors.</param>
    /// <param name="source">What messages call the model.</param>
    public static IReadOnlyList<string> Of(LoadReport report, string source)
    {
        var warnings = new List<string>();
        if (report.MissingInEncoder.Count > 0)
            warnings.Add($"{source} lacks weights of the encoder, which are drawn at random: {Names(report.MissingInEncoder)}. The model can be trained on, but predicts nothing before that.");
        if (report.Contradicting.Count > 0)
            warnings.Add($"{source} holds other values under a second name of a weight, which are not used: {Names(report.Contradicting)}.");
        if (report.Unused.Count > 0)
            warnings.Add($"{source} holds tensors that are not used: {Names(report.Unused)}.");
        return warnings;
    }

    private static string Names(IReadOnlyList<string> names) => names.Count <= MostNames
        ? string.Join(", ", names)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(MostNames))} and {names.Count - MostNames} more");
}
