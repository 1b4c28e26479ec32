using MlNetBert.Models;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Training.Objectives.Mlm;

/// <summary>Masked language modeling (Devlin et al. 2019): the tokens at masked places are predicted from all others.</summary>
[Experimental("MLNETBERT001")]
public sealed class MlmObjective : VocabularyObjective
{
    /// <summary>Creates the objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="batches">Where the batches come from: <see cref="CorruptedBlocks"/> or <see cref="StoredBlocks"/>.</param>
    /// <param name="precision">The number format of matrix multiplications of an evaluation; null is the model's own. A loss to train on
    /// takes the model's own.</param>
    public MlmObjective(MaskedLanguageModel model, IBatchSource<CorruptedBatch> batches, ComputePrecision? precision = null)
        : base(model, model is null ? throw new ArgumentNullException(nameof(model)) : model.Head, "mlm", batches, precision)
    {
    }

    /// <summary>Creates the objective for training: fresh masks every epoch.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="blocks">The blocks to train on.</param>
    /// <param name="corruption">How they are corrupted.</param>
    public MlmObjective(MaskedLanguageModel model, IBlockSource blocks, ICorruption corruption)
        : this(model, new CorruptedBlocks(blocks, corruption))
    {
    }
}
