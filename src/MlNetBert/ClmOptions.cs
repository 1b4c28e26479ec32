using MlNetBert.Pretraining;

namespace MlNetBert;

/// <summary>How <c>PretrainClm</c> trains a causal language model, and what its transformer gives.</summary>
public sealed record ClmOptions : PretrainingOptions
{
    /// <summary>The architecture that <see cref="PretrainingOptions.Architecture"/> stands for where it is null.</summary>
    public static string DefaultArchitecture => new ClmOptions().Task.DefaultArchitecture.ModelType;

    /// <inheritdoc/>
    protected internal override PretrainingTask Task => PretrainingTask.Get("clm");
}
