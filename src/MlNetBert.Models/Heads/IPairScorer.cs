using static TorchSharp.torch;

namespace MlNetBert.Models.Heads;

/// <summary>A model that may give a number for a pair of texts.</summary>
internal interface IPairScorer
{
    /// <summary>Whether it does: a classifier of several labels does not.</summary>
    bool ScoresPairs { get; }

    /// <summary>Scores pairs.</summary>
    /// <param name="inputs">Pairs of texts.</param>
    /// <param name="precision">The number format of matrix multiplications; null is the model's own.</param>
    /// <returns>[batch] or [batch, 1], float32: a regression's number, or the probability that the second text follows the first or that
    /// their order is right.</returns>
    Tensor ScorePairs(ModelInputs inputs, ComputePrecision? precision);
}
