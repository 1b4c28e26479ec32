using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlNetBert.Training.Metrics;

/// <summary>
/// Writes the events of a run to a file, a JSON object a line. A resumed run goes on in the same file, and lines of steps that it makes
/// again are taken out; a run from the beginning begins the file anew.
/// A place in <see cref="TrainingOptions.Progress"/>, as any other listener.
/// </summary>
internal sealed class MetricsFile : IProgress<TrainingProgress>
{
    private static readonly JsonSerializerOptions Json = HuggingFace.JsonNumbers.With(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private readonly string _path;
    private bool _begun;

    /// <summary>Names the file; it is made with the first event.</summary>
    /// <param name="path">The file.</param>
    public MetricsFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
    }

    /// <summary>An event as one line of JSON: its kind, step and epoch, and what its kind has.</summary>
    /// <param name="value">The event.</param>
    /// <returns>The line, without its end.</returns>
    public static string Format(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return JsonSerializer.Serialize(
            new
            {
                Event = value.Kind.ToString().ToLowerInvariant(),
                value.Step,
                value.Epoch,
                Loss = value.Evaluation?.Loss ?? value.Loss,
                value.LearningRate,
                GradNorm = value.GradientNorm,
                value.TokensPerSecond,
                value.Evaluation?.Perplexity,
                value.Evaluation?.Accuracy,
                TargetCount = value.Evaluation?.TargetCount,
                Targets = value.Evaluation?.TargetCount,
                value.Evaluation?.Metrics,
                Probe = value.Probe?.Name,
                ProbeAccuracy = value.Probe?.Accuracy,
                ElapsedS = Math.Round(value.Elapsed.TotalSeconds, 3),
                EtaS = value.Remaining is { } remaining ? Math.Round(remaining.TotalSeconds, 1) : (double?)null,
                value.Message,
            },
            Json);
    }

    /// <summary>Writes an event.</summary>
    /// <param name="value">The event.</param>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Kind == TrainingProgressKind.Started)
            return;
        if (value.Kind == TrainingProgressKind.Resumed)
            TakeOutAfter(value.Step);
        else if (!_begun)
            File.Delete(_path);
        _begun = true;
        File.AppendAllText(_path, Format(value) + "\n", new UTF8Encoding(false));
    }

    private void TakeOutAfter(long step)
    {
        if (!File.Exists(_path))
            return;
        var kept = File.ReadLines(_path).Where(line => StepOf(line) <= step).ToList();
        HuggingFace.AtomicFile.WriteAllText(_path, string.Concat(kept.Select(line => line + "\n")));
    }

    /// <summary>The step of a line; beyond all steps where a killed run left half a line.</summary>
    private static long StepOf(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.GetProperty("step").GetInt64();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return long.MaxValue;
        }
    }
}
