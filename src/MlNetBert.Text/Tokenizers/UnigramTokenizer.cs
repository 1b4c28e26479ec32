using MlNetBert.Text.Tokenizers.Models.Unigram;

namespace MlNetBert.Text.Tokenizers;

/// <summary>
/// A tokenizer that spells words with the most probable pieces (unigram language model, Kudo 2018), as those of SentencePiece that T5,
/// XLM-RoBERTa, ALBERT, XLNet and DeBERTa-v3 have. Immutable and thread-safe.
/// </summary>
/// <remarks>Every member that opens or creates a <see cref="SubwordTokenizer"/> gives one where the model is Unigram.</remarks>
[Experimental("MLNETBERT001")]
public sealed class UnigramTokenizer : SubwordTokenizer
{
    internal UnigramTokenizer(TokenizerPipeline pipeline, TokenizerVocabulary vocabulary, string source)
        : base(pipeline, vocabulary, source)
    {
    }

    /// <summary>The model's pieces with the natural logarithms of their probabilities, in the order of their ids.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Scores => ((UnigramModel)Pipeline.Model!).Pieces;
}
