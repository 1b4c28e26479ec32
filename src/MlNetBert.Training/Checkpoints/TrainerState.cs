using System.Text.Json;

namespace MlNetBert.Training.Checkpoints;

/// <summary>
/// Where a run stands: everything beside weights and moments that the next step depends on. Order, masks and dropout follow from the step.
/// </summary>
internal sealed record TrainerState
{
    public const string FileName = "trainer/state.json";
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = HuggingFace.JsonNumbers.With(new JsonSerializerOptions { WriteIndented = true });

    public int Version { get; init; } = CurrentVersion;

    public required long Step { get; init; }

    public required long Updates { get; init; }

    public required long Tokens { get; init; }

    public required double ElapsedSeconds { get; init; }

    public required int MicroBatchSize { get; init; }

    public required int SkippedSteps { get; init; }

    public required double? LastGoodLoss { get; init; }

    public required double WindowLoss { get; init; }

    public required long WindowTargets { get; init; }

    public required EvaluationResult? Best { get; init; }

    public required EvaluationResult? Last { get; init; }

    public required long BestStep { get; init; }

    public required int EvaluationsSinceBest { get; init; }

    public required IReadOnlyList<TrainingHistoryRow> History { get; init; }

    public void Save(string directory)
    {
        var path = Path.Combine(directory, FileName);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, ToBytes());
    }

    /// <summary>The state as another process reads it with <see cref="FromBytes"/>.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static TrainerState FromBytes(byte[] bytes) => JsonSerializer.Deserialize<TrainerState>(bytes, Json)!;

    /// <exception cref="CheckpointException">The file is not a state that this version reads.</exception>
    public static TrainerState Load(string directory)
    {
        try
        {
            var bytes = File.ReadAllBytes(Path.Combine(directory, FileName));
            using (var document = JsonDocument.Parse(bytes))
            {
                var version = document.RootElement.GetProperty(nameof(Version)).GetInt32();
                if (version > CurrentVersion)
                    throw new CheckpointException(directory,
                        $"expected a trainer state of version {CurrentVersion} or older, found version {version}. Resume with the "
                            + "version of this library that wrote it, or a newer one.");
            }

            var state = Read(bytes);
            return TrainerStateFaults.Of(state).FirstOrDefault() is { } fault ? throw new JsonException(fault) : state;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or KeyNotFoundException
            or InvalidOperationException or FormatException)
        {
            var found = e is KeyNotFoundException or InvalidOperationException or FormatException
                ? $"no {nameof(Version)} that is a whole number."
                : e.Message;
            throw new CheckpointException(
                directory,
                $"expected a trainer state in {FileName}, found {found} Nothing was changed there. Delete this checkpoint to "
                    + "resume from an earlier one.",
                e);
        }
    }

    // The serializer's messages name .NET's types.
    private static TrainerState Read(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainerState>(bytes, Json) ?? throw new JsonException("null.");
        }
        catch (JsonException e) when (e.Path is { Length: > 2 } path)
        {
            throw new JsonException($"another kind of value than expected at {path[2..]}.", e);
        }
        catch (JsonException e) when (e.InnerException is null && e.Path is not null)
        {
            throw new JsonException("members missing that a state has.", e);
        }
    }
}
