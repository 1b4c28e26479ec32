namespace MlNetBert.Training.Checkpoints;

/// <summary>What a checkpoint turns out to be when it is held against its manifest.</summary>
internal enum CheckpointCondition
{
    /// <summary>Every file is there as it was written.</summary>
    Whole,

    /// <summary>A file is missing or other than it was written.</summary>
    Damaged,

    /// <summary>A file cannot be read now: permissions, a disk's error. Its bytes may be good.</summary>
    Unreadable,
}
