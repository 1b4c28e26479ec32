using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Pretraining;

/// <summary>Blocks, and how an objective is to use them.</summary>
/// <param name="Blocks">The blocks.</param>
/// <param name="Tokenizer">The tokenizer that they were made with.</param>
/// <param name="Options">How the run trains, of the objective's own type; the defaults where a saved model is measured.</param>
/// <param name="Seed">The seed of the corruption.</param>
[Experimental("MLNETBERT001")]
public sealed record PretrainingData(IBlockSource Blocks, SubwordTokenizer Tokenizer, PretrainingOptions Options, long Seed)
{
    /// <summary>
    /// Whether the blocks are measured on and not trained on. They are then corrupted alike at every evaluation, and as published whatever
    /// the options say, so that metrics of different runs can be compared.
    /// </summary>
    /// <value>Default false.</value>
    public bool IsHeldOut { get; init; }

    /// <summary>The saved model that is measured, for what of it is beside the network.</summary>
    /// <value>Default null: a model in training is measured.</value>
    internal PretrainedModel? Measured { get; init; }

    /// <summary>The precision of matrix multiplications of an evaluation.</summary>
    /// <value>Default null: the model's own.</value>
    public ComputePrecision? Precision { get; init; }

    /// <summary>The stream of random numbers of the corruption: training and evaluation have different ones.</summary>
    public int CorruptionStream => IsHeldOut ? RandomStreams.EvaluationCorruption : RandomStreams.TrainingCorruption;
}
