namespace MlNetBert;

/// <summary>
/// How documents are packed into blocks. Where the tokenizer's template is empty, its end-of-text token stands behind each document
/// instead. A model that writes texts learns from its blocks where a text ends: the template then stands where documents begin and end,
/// never around a part of one.
/// </summary>
public enum BlockPacking
{
    /// <summary>
    /// Each document is wrapped in the tokenizer's template, such as [CLS] … [SEP], all are joined to one stream, and the stream is cut. A
    /// block may begin or end anywhere in a document.
    /// </summary>
    ConcatenateDocuments,

    /// <summary>
    /// The documents' bare tokens are joined to one stream and cut, and every block is wrapped in the template: [CLS], (block length − 2)
    /// tokens, [SEP]. Refused for models that write texts where the template has an end.
    /// </summary>
    ConcatenateBlocks,

    /// <summary>
    /// No block has tokens of two documents: each document gives blocks of its own, each wrapped in the template, the last one shorter; a
    /// long document gives several.
    /// </summary>
    OneDocumentPerBlock,
}
