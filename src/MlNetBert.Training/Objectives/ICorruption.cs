namespace MlNetBert.Training.Objectives;

/// <summary>Makes something to learn from out of a block of tokens. Thread-safe.</summary>
[Experimental("MLNETBERT001")]
public interface ICorruption
{
    /// <summary>The id behind the tokens of a block that is shorter than its batch.</summary>
    int PaddingTokenId { get; }

    /// <summary>Corrupts a block: a pure function of the block and the key.</summary>
    /// <param name="block">The block's ids; they are not changed.</param>
    /// <param name="key">What the random numbers follow from, beside the seed.</param>
    /// <param name="corrupted">Is emptied, and receives the corrupted ids and the targets.</param>
    void Corrupt(ReadOnlySpan<int> block, CorruptionKey key, CorruptedBlock corrupted);
}
