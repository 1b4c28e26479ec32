using MlNetBert.Models;

namespace MlNetBert.Training.Objectives.Clm;

/// <summary>Causal language modeling (Radford et al. 2018): each token is predicted from those before it.</summary>
[Experimental("MLNETBERT001")]
public sealed class ClmObjective : VocabularyObjective
{
    /// <summary>How many places before its own a token is predicted.</summary>
    public const int Shift = 1;

    /// <summary>Creates the objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="batches">Where the batches come from: <see cref="CorruptedBlocks"/> of <see cref="NextTokens"/>, or
    /// <see cref="StoredBlocks"/> with <see cref="Shift"/>.</param>
    /// <param name="precision">The number format of matrix multiplications of an evaluation; null is the model's own. A loss to train on
    /// takes the model's own.</param>
    public ClmObjective(CausalLanguageModel model, IBatchSource<CorruptedBatch> batches, ComputePrecision? precision = null)
        : base(model, model is null ? throw new ArgumentNullException(nameof(model)) : model.Head, "clm", batches, precision)
    {
    }

    private protected override bool SeesBehind => false;
}
