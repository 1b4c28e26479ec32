using MlNetBert.Models;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.SequenceToSequence;

/// <summary>A causal model writes the target behind the source; the source's own tokens have no loss.</summary>
internal sealed class CausalAnswerObjective(
    CausalLanguageModel model, SequenceExamples<TargetText> examples, double labelSmoothing, WrittenTexts? written)
    : TextToTextObjective(model, model.Head, examples, labelSmoothing, written)
{
    protected override (Tensor Hidden, Tensor Labels) Targets(SequenceInputs inputs, SequenceBatch<TargetText> batch)
    {
        // Padding stands behind the tokens, which see what is before them: no mask is needed.
        var hidden = Network.Backbone.forward(new(inputs.InputIds)).LastHiddenState;         // [batch, sequence, hidden]
        var length = batch.Texts.Length;
        int[] places =
        [
            .. batch.Labels.SelectMany((label, row) => Enumerable.Range((row * length) + label.Prompt - 1, label.Ids.Length)),
        ];
        return (
            hidden.reshape(-1, hidden.shape[2]).index_select(0, tensor(places, ScalarType.Int64, Device)),
            tensor(batch.Labels.SelectMany(label => label.Ids).ToArray(), ScalarType.Int64, Device));
    }
}
