namespace MlNetBert;

/// <summary>How a tokenizer spells words with the pieces of its vocabulary.</summary>
public enum SubwordModelType
{
    /// <summary>BERT's: the longest piece that begins a word, then the longest that continues it (Wu et al. 2016).</summary>
    WordPiece,

    /// <summary>RoBERTa's byte-level BPE: pairs of pieces are merged, from single bytes on (Sennrich et al. 2016, Radford et al.
    /// 2019).</summary>
    BytePair,

    /// <summary>SentencePiece's unigram model: the most probable spelling (Kudo 2018).</summary>
    Unigram,
}
