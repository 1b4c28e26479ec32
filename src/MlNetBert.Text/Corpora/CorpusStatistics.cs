namespace MlNetBert.Text.Corpora;

/// <summary>What was seen while a corpus was read. Not thread-safe: one reading, one object.</summary>
public sealed class CorpusStatistics
{
    /// <summary>How many documents were read, empty ones too.</summary>
    public long Documents { get; internal set; }

    /// <summary>How many sequences of bytes were not UTF-8 and were replaced.</summary>
    public long InvalidSequences { get; private set; }

    /// <summary>Counts a sequence that was replaced; for readers.</summary>
    public void AddInvalidSequence() => InvalidSequences++;
}
