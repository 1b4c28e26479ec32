using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>A backbone with a masked-language-modeling head, which predicts a token at its own position.</summary>
[Experimental("MLNETBERT001")]
public abstract class MaskedLanguageModel : VocabularyModel
{
    /// <summary>Makes the base of a model.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone, which the model owns.</param>
    protected MaskedLanguageModel(string className, Backbone backbone)
        : base(className, backbone)
    {
    }

    /// <summary>
    /// The masked-language-modeling loss at every position whose label is not −100. Go back from it with
    /// <see cref="LanguageModelModule.Backward(Tensor)"/>.
    /// </summary>
    /// <param name="logits">[…, vocabulary].</param>
    /// <param name="labels">Token ids, int64, of the same leading shape; −100 where there is nothing to predict.</param>
    /// <returns>The mean cross entropy in nats, a scalar; not a number when no label is set, as Hugging Face.</returns>
    public static Tensor Loss(Tensor logits, Tensor labels) => Losses.Classification(logits, labels);

    /// <inheritdoc/>
    protected sealed override Tensor LossOf(Tensor logits, Tensor labels) => Loss(logits, labels);
}
