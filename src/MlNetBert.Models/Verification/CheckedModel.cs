using static TorchSharp.torch;

namespace MlNetBert.Models.Verification;

/// <summary>What checks need of a model with a head over the vocabulary, whether it has one stack or two.</summary>
internal static class CheckedModel
{
    /// <summary>Scores of every token at every position [batch, sequence, vocabulary].</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">The batch.</param>
    /// <param name="decoderIds">What a decoder of its own takes; null for the batch's ids.</param>
    /// <param name="withPadding">Whether padding is left in.</param>
    public static Tensor Logits(LanguageModelModule model, ModelInputs inputs, Tensor? decoderIds = null, bool withPadding = false)
    {
        var hidden = model.Backbone.forward(inputs, allHiddenStates: withPadding).LastHiddenState;
        if (model is VocabularyModel ofOneStack)
            return ofOneStack.Head.Logits(hidden);
        var ofTwo = (SequenceToSequenceModel)model;
        var encoded = new EncoderStates(hidden, inputs.AttentionMask);
        return ofTwo.Head.Logits(ofTwo.Decoder.forward(new(decoderIds ?? inputs.Ids) { Encoded = encoded }).LastHiddenState);
    }

    /// <summary>A loss at every position, summed: of the batch's own ids.</summary>
    public static Tensor LossSum(LanguageModelModule model, Tensor ids) => model switch
    {
        VocabularyModel ofOneStack =>
            ofOneStack.Head.LossSum(model.Backbone.forward(new(ids)).LastHiddenState.flatten(0, 1), ids.flatten()),
        _ => ((SequenceToSequenceModel)model).LossSum(new(ids), ids).Sum,
    };

    /// <summary>Parts of the passes of all stacks that are kept for the backward pass.</summary>
    public static int KeptPasses(LanguageModelModule model) =>
        new[] { model.Backbone, model.LastStack }.Distinct().Sum(stack => stack.KeptPasses);
}
