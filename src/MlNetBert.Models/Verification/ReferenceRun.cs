using System.Globalization;
using MlNetBert.Models.Bert;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Verification;

/// <summary>Runs a model of any kind and names what it gives as Hugging Face's outputs are named.</summary>
internal static class ReferenceRun
{
    public static ReferenceOutputs Run(LanguageModelModule model, ReferenceInputs inputs)
    {
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var encoder = model as Backbone ?? ((ModelWithHead)model).Backbone;
        var output = encoder.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds, allHiddenStates: true);
        for (var i = 0; i < output.HiddenStates.Count; i++)
            named[$"hidden_states.{i.ToString(CultureInfo.InvariantCulture)}"] = output.HiddenStates[i];
        // All hidden states are of the padded batch. What stands on the last is computed as training and inference do it, without padding;
        // but for answers, whose loss counts the scores of padding.
        var last = model is QuestionAnsweringModel ? output : encoder.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds);
        return new ReferenceOutputs(named, Head(model, last, inputs, named));
    }

    private static Tensor? Head(LanguageModelModule model, BackboneOutput output, ReferenceInputs inputs, Dictionary<string, Tensor> named)
    {
        switch (model)
        {
            case BertPreTrainingModel both:
                var predictions = named["prediction_logits"] = both.Head(output.LastHiddenState);
                var relationship = named["seq_relationship_logits"] = both.NextSentence(output.PoolerOutput!);
                return inputs.Labels is null || inputs.NextSentenceLabel is null
                    ? null
                    : MaskedLanguageModel.Loss(predictions, inputs.Labels).Plus(
                        Losses.Classification(relationship, inputs.NextSentenceLabel));
            case MaskedLanguageModel language:
                var tokens = named["logits"] = language.Head(output.LastHiddenState);
                return inputs.Labels is null ? null : MaskedLanguageModel.Loss(tokens, inputs.Labels);
            case SequenceClassifier classifier:
                var classes = named["logits"] = classifier.Head(output, inputs.AttentionMask);
                return inputs.Labels is null ? null : classifier.Loss(classes, inputs.Labels);
            case TokenClassifier classifier:
                var labels = named["logits"] = classifier.Head(output.LastHiddenState);
                return inputs.Labels is null ? null : TokenClassifier.Loss(labels, inputs.Labels);
            case QuestionAnsweringModel answering:
                var span = answering.Head(output.LastHiddenState);
                (named["start_logits"], named["end_logits"]) = (span.Start, span.End);
                return inputs.StartPositions is null
                    || inputs.EndPositions is null ? null : QuestionAnsweringModel.Loss(span, inputs.StartPositions, inputs.EndPositions);
            default:
                named["last_hidden_state"] = output.LastHiddenState;
                if (output.PoolerOutput is { } pooled)
                    named["pooler_output"] = pooled;
                return null;
        }
    }
}
