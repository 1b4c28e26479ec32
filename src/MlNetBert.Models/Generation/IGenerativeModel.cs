namespace MlNetBert.Models.Generation;

/// <summary>
/// A model that writes texts token by token: a causal model continues its prompt, a text-to-text model answers to it.
/// </summary>
[Experimental("MLNETBERT001")]
public interface IGenerativeModel
{
    /// <summary>The configuration: the vocabulary, and the positions that there are.</summary>
    ModelConfig Config { get; }

    /// <summary>The token that an answer begins with; null where what is written continues the prompt.</summary>
    int? DecoderStart { get; }

    /// <summary>Reads a batch of prompts, whose positions are computed once.</summary>
    /// <param name="prompt">Token ids [batch, sequence] and the attention mask; prompts of a causal model are padded on the left.</param>
    /// <param name="precision">The precision of matrix multiplications, then and later; null is the model's.</param>
    /// <returns>The state, with the scores of the first token to write.</returns>
    /// <exception cref="ArgumentException">A prompt is empty or padded on the wrong side, or as <see cref="Backbone.forward"/>.</exception>
    /// <exception cref="InvalidOperationException">The model is in training mode.</exception>
    GenerationState Start(ModelInputs prompt, ComputePrecision? precision = null);
}
