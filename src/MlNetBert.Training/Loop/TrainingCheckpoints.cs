using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Training.Loop;

/// <summary>Where a run keeps its checkpoints and what it puts there.</summary>
/// <param name="Store">The checkpoints.</param>
/// <param name="Model">The model's part of them.</param>
[Experimental("MLNETBERT001")]
public sealed record TrainingCheckpoints(CheckpointStore Store, IModelState Model);
