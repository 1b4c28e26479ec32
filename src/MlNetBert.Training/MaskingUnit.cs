namespace MlNetBert;

/// <summary>What masked language modeling takes as one target: a token, a word, or a span of words.</summary>
public enum MaskingUnit
{
    /// <summary>Each token by itself (Devlin et al. 2019).</summary>
    Tokens,

    /// <summary>
    /// All tokens of a word, or none (BERT's whole-word masking). In scripts without blanks between words, such as Chinese, Japanese and
    /// Thai, a word is what the vocabulary has as a piece. A word of more tokens than the block is to have targets, as bytes of a script
    /// that the vocabulary does not have, is masked token by token; in short blocks that are words of two or three tokens.
    /// </summary>
    WholeWords,

    /// <summary>
    /// Spans of consecutive words (SpanBERT, Joshi et al. 2020): lengths in words from a geometric distribution with p = 0.2, at most
    /// 10.
    /// </summary>
    Spans,
}
