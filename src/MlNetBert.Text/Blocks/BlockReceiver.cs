namespace MlNetBert.Text.Blocks;

/// <summary>Takes a block.</summary>
/// <param name="ids">The ids, [block length], padded at the end; only valid during the call.</param>
/// <param name="length">How many of them are not padding.</param>
public delegate void BlockReceiver(ReadOnlySpan<int> ids, int length);
