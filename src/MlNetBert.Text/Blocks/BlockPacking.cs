namespace MlNetBert.Text.Blocks;

/// <summary>How documents are packed into blocks.</summary>
public enum BlockPacking
{
    /// <summary>
    /// Each document is wrapped in [CLS] … [SEP], all are joined to one stream, and the stream is cut. A block may begin or end anywhere in
    /// a document.
    /// </summary>
    ConcatenateDocuments,

    /// <summary>
    /// The documents' bare tokens are joined to one stream and cut; every block is [CLS], (block length − 2) tokens, [SEP].
    /// </summary>
    ConcatenateBlocks,

    /// <summary>
    /// No block has tokens of two documents: each document gives blocks of its own, [CLS] … [SEP], the last one filled up with [PAD]; a
    /// long document gives several.
    /// </summary>
    OneDocumentPerBlock,
}
