namespace MlNetBert.Text.Blocks;

/// <summary>What was seen while a token store was built.</summary>
[Experimental("MLNETBERT001")]
public sealed record TokenStoreStatistics
{
    /// <summary>How many documents went in, skipped ones not counted.</summary>
    public long Documents { get; init; }

    /// <summary>How many documents were skipped because they were empty.</summary>
    public long SkippedDocuments { get; init; }

    /// <summary>How many tokens the blocks hold, special tokens included, padding not; the ones dropped at the end are counted.</summary>
    public long Tokens { get; init; }

    /// <summary>How many tokens of the texts, special tokens not added, there were.</summary>
    public long TextTokens { get; init; }

    /// <summary>How many tokens of the texts are unknown.</summary>
    public long UnknownTokens { get; init; }

    /// <summary>How many tokens at the end filled no block and were dropped.</summary>
    public int DroppedTokens { get; init; }

    /// <summary>How many sequences of bytes were not UTF-8 and were replaced.</summary>
    public long InvalidSequences { get; init; }

    /// <summary>The share, 0 to 1, of documents that repeat an earlier one; exact for small corpora, else estimated on a sample.</summary>
    public double DuplicateFraction { get; init; }

    /// <summary>The share, 0 to 1, of the texts' tokens that are unknown.</summary>
    public double UnknownTokenRate => TextTokens == 0 ? 0 : (double)UnknownTokens / TextTokens;
}
