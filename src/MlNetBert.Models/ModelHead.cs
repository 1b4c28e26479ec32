namespace MlNetBert.Models;

/// <summary>Which model of an architecture: what stands on its encoder.</summary>
[Experimental("MLNETBERT001")]
public enum ModelHead
{
    /// <summary>Nothing: an <see cref="Models.Backbone"/>.</summary>
    Encoder,

    /// <summary>A <see cref="Models.MaskedLanguageModel"/>.</summary>
    MaskedLanguageModel,

    /// <summary>BERT's masked-LM and next-sentence heads: a <see cref="Bert.BertPreTrainingModel"/>.</summary>
    PreTraining,

    /// <summary>A <see cref="Models.SequenceClassifier"/>.</summary>
    SequenceClassifier,

    /// <summary>A <see cref="Models.TokenClassifier"/>.</summary>
    TokenClassifier,

    /// <summary>A <see cref="QuestionAnsweringModel"/>.</summary>
    QuestionAnswering,
}
