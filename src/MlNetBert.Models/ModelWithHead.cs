using MlNetBert.Models.Checkpoints;
using TorchSharp.Utils;

namespace MlNetBert.Models;

/// <summary>A model that is a backbone with a head on it.</summary>
[Experimental("MLNETBERT001")]
public abstract class ModelWithHead : LanguageModelModule
{
    // The name is in the optimizer's state of every checkpoint of a run.
    [ComponentName(Name = "encoder")]
    private readonly Backbone _backbone;

    /// <summary>Makes the base of a model.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone, which the model owns.</param>
    protected ModelWithHead(string className, Backbone backbone)
        : base(className, backbone is null ? throw new ArgumentNullException(nameof(backbone)) : backbone.Config) =>
        (ClassName, _backbone) = (className, backbone);

    /// <inheritdoc/>
    public sealed override string ClassName { get; }

    /// <inheritdoc/>
    protected sealed override Backbone GetBackbone() => _backbone;

    /// <inheritdoc/>
    public sealed override string BackbonePrefix => _backbone.PrefixInModels;

    /// <inheritdoc/>
    public sealed override IEnumerable<ModelWeight> CheckpointWeights() =>
        _backbone.CheckpointWeights(BackbonePrefix).Concat(HeadWeights());

    /// <inheritdoc/>
    protected internal sealed override WeightAliases Aliases => _backbone.AliasesIn(BackbonePrefix, decodes: HasVocabularyHead);

    /// <summary>Whether the model has a head over the vocabulary.</summary>
    private protected virtual bool HasVocabularyHead => false;

    /// <summary>The head's weights under the names Hugging Face gives them.</summary>
    /// <returns>The weights, which follow the backbone's.</returns>
    protected abstract IEnumerable<ModelWeight> HeadWeights();
}
