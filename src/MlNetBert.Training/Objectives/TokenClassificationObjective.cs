using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Classification of tokens (Devlin et al. 2019 on CoNLL-2003): cross entropy at the first piece of each labeled word; other pieces and
/// padding take no part.
/// </summary>
/// <param name="model">The model to train.</param>
/// <param name="examples">Sentences with the classes of their words.</param>
[Experimental("MLNETBERT001")]
public class TokenClassificationObjective(TokenClassifier model, SequenceExamples<TokenLabels> examples)
    : SequenceObjective<TokenClassifier, TokenLabels>(model, examples)
{
    /// <summary>The labels of sentences, padded to a length.</summary>
    /// <param name="labels">The sentences' labels.</param>
    /// <param name="length">Tokens of a row.</param>
    /// <param name="device">Where.</param>
    /// <returns>int64 [sentences, length], <see cref="Losses.IgnoredLabel"/> where nothing counts.</returns>
    public static Tensor ToTensor(IReadOnlyList<TokenLabels> labels, int length, Device device)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var values = new long[labels.Count * length];
        Array.Fill(values, Losses.IgnoredLabel);
        for (var row = 0; row < labels.Count; row++)
        {
            for (var i = 0; i < labels[row].Tokens.Count; i++)
                values[(row * length) + i] = labels[row].Tokens[i];
        }

        return tensor(values, device: device).reshape(labels.Count, length);
    }

    /// <inheritdoc/>
    protected override long TargetsOf(TokenLabels label)
    {
        ArgumentNullException.ThrowIfNull(label);
        return label.Tokens.Count(id => id != Losses.IgnoredLabel);
    }

    /// <inheritdoc/>
    protected override Tensor SummedLoss(SequenceInputs inputs, SequenceBatch<TokenLabels> batch)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(batch);
        var logits = Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds); // [batch, sequence, labels]
        return Losses.ClassificationSum(logits, ToTensor(batch.Labels, batch.Texts.Length, Device));
    }
}
