namespace MlNetBert.Text.Blocks;

/// <summary>Some documents in a row, tokenized.</summary>
internal sealed class TokenizedBatch
{
    /// <summary>The documents, as long as they are needed.</summary>
    public List<string> Documents { get; } = [];

    /// <summary>The ids of all of them.</summary>
    public List<int> Ids { get; } = [];

    /// <summary>Where each document's ids end.</summary>
    public List<int> Ends { get; } = [];

    /// <summary>A hash of each document that is not empty.</summary>
    public List<ulong> Hashes { get; } = [];

    public long Unknown { get; set; }

    public void Clear()
    {
        Documents.Clear();
        Ids.Clear();
        Ends.Clear();
        Hashes.Clear();
        Unknown = 0;
    }
}
