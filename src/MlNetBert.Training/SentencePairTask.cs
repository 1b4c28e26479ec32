namespace MlNetBert;

/// <summary>What masked language modeling learns of pairs of texts beside it.</summary>
public enum SentencePairTask
{
    /// <summary>Nothing: blocks are texts of their own.</summary>
    None,

    /// <summary>Whether the second text follows the first, or is of another document (BERT, Devlin et al. 2019).</summary>
    NextSentence,

    /// <summary>Whether two texts that follow each other stand in their order, or are swapped (ALBERT, Lan et al. 2020).</summary>
    SentenceOrder,
}
