using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Training.Loop;

/// <summary>Where a run keeps its checkpoints and what it puts there.</summary>
/// <param name="Store">The checkpoints.</param>
/// <param name="Model">The model's part of them.</param>
/// <param name="Data">What the run trains on: fingerprints of data and vocabulary, the model, and the settings of the objective. The loop adds its own settings.</param>
public sealed record TrainingCheckpoints(CheckpointStore Store, IModelState Model, RunDescription Data);
