using MlNetBert.Text.Tokenizers.Models.BytePair;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// A tokenizer that spells words by byte-pair encoding (Sennrich et al. 2016): over bytes as GPT-2's, RoBERTa's and ModernBERT's, or over
/// characters with bytes as the fallback as Llama 2's. Immutable and thread-safe.
/// </summary>
/// <remarks>Every member that opens or creates a <see cref="SubwordTokenizer"/> gives one where the model is BPE.</remarks>
[Experimental("MLNETBERT001")]
public sealed class BytePairTokenizer : SubwordTokenizer
{
    internal BytePairTokenizer(TokenizerPipeline pipeline, TokenizerVocabulary vocabulary, string source)
        : base(pipeline, vocabulary, source)
    {
    }

    /// <summary>The merges as pairs of pieces, in the order in which they apply.</summary>
    public IEnumerable<(string Left, string Right)> Merges => ((BytePairModel)Pipeline.Model!).Merges;
}
