namespace MlNetBert;

/// <summary>A fitted transformer that holds a pretrained model: what <see cref="PretrainedModel.FromTransformer"/> looks for in a
/// chain.</summary>
internal interface IModelHolder
{
    /// <summary>The model.</summary>
    PretrainedModel Model { get; }
}
