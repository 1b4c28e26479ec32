using MlNetBert.Models.Layers;

namespace MlNetBert.Models;

/// <summary>
/// A backbone with two streams (Yang et al. 2019, arXiv:1906.08237): content, which is its hidden states and sees itself, and queries,
/// which know where a token stands and what it may see, but not which token it is. So any order of the tokens can be learned.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract class TwoStreamBackbone : Backbone
{
    /// <summary>Makes the base of a backbone.</summary>
    /// <param name="name">The module's name.</param>
    /// <param name="config">The configuration.</param>
    protected TwoStreamBackbone(string name, ModelConfig config)
        : base(name, config)
    {
    }

    /// <summary>Runs both streams.</summary>
    /// <param name="inputs">The batch.</param>
    /// <param name="places">Where queries stand and what tokens see.</param>
    /// <param name="allHiddenStates">Keep the embeddings' output and every layer's.</param>
    /// <param name="precision">The precision of this pass's matrix products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>The queries' last hidden states [batch, queries, hidden]; the states of all layers are, as in transformers, of the content
    /// [batch, sequence, hidden] and of the queries in turn. In the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public BackboneOutput ForwardQueries(
        ModelInputs inputs, QueryPlaces places, bool allHiddenStates = false, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(places);
        var pass = BeginPass(inputs, precision);
        places.Check(inputs.Ids);
        return Run(inputs, places, allHiddenStates, pass);
    }

    /// <summary>Runs both streams on inputs whose shapes and types are right.</summary>
    /// <param name="inputs">The batch.</param>
    /// <param name="places">Where queries stand and what tokens see.</param>
    /// <param name="allHiddenStates">Keep the embeddings' output and every layer's.</param>
    /// <param name="pass">What the layers have in common.</param>
    /// <returns>As <see cref="ForwardQueries"/>.</returns>
    protected abstract BackboneOutput Run(ModelInputs inputs, QueryPlaces places, bool allHiddenStates, ForwardPass pass);
}
