namespace MlNetBert.Text.Blocks;

/// <summary>Takes a block.</summary>
/// <param name="ids">The block's tokens, at most as many as the block length; only valid during the call.</param>
/// <param name="document">The number of the document that they are of; <see langword="null"/> where blocks hold several.</param>
internal delegate void BlockReceiver(ReadOnlySpan<int> ids, long? document);
