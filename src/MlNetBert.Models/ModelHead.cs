namespace MlNetBert.Models;

/// <summary>Which model of an architecture: what stands on its encoder.</summary>
[Experimental("MLNETBERT001")]
public enum ModelHead
{
    /// <summary>Nothing: an <see cref="Models.Backbone"/>.</summary>
    Encoder,

    /// <summary>A <see cref="Models.MaskedLanguageModel"/>.</summary>
    MaskedLanguageModel,

    /// <summary>A <see cref="Models.CausalLanguageModel"/>.</summary>
    CausalLanguageModel,

    /// <summary>A <see cref="Models.PermutationLanguageModel"/>.</summary>
    PermutationLanguageModel,

    /// <summary>The masked-LM head and a head over pairs of texts: BERT's (next sentence), ALBERT's (sentence order).</summary>
    PreTraining,

    /// <summary>A <see cref="Models.SequenceClassifier"/>.</summary>
    SequenceClassifier,

    /// <summary>A <see cref="Models.TokenClassifier"/>.</summary>
    TokenClassifier,

    /// <summary>A <see cref="QuestionAnsweringModel"/>.</summary>
    QuestionAnswering,

    /// <summary>A <see cref="Models.ReplacedTokenDetector"/>: ELECTRA's discriminator.</summary>
    ReplacedTokenDetector,

    /// <summary>A <see cref="Models.SequenceToSequenceModel"/>: an encoder, and a decoder that attends to it.</summary>
    SequenceToSequence,
}
