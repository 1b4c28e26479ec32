namespace MlNetBert.Training.Optimizers;

/// <summary>Settings of <see cref="AdamW"/> that stay the same over a run.</summary>
/// <param name="Beta1">Decay of the gradient's running mean.</param>
/// <param name="Beta2">Decay of the squared gradient's running mean.</param>
/// <param name="Epsilon">Added to the root of the second.</param>
/// <param name="WeightDecay">Decoupled weight decay (Loshchilov and Hutter 2019) of matrices; vectors (biases, norms) are not
/// decayed.</param>
/// <param name="ClipNorm">Largest 2-norm of all gradients together; 0 does not clip.</param>
/// <param name="KeepGradients">
/// Gradients are made once, with the optimizer, and set to zero after a step; otherwise each backward pass makes them and a step frees
/// them. Kept, they are memory beside the activations; but made between activations that are freed around them, they leave a heap full of
/// holes. Results are the same.
/// </param>
internal sealed record AdamWSettings(
    double Beta1 = 0.9,
    double Beta2 = 0.999,
    double Epsilon = 1e-8,
    double WeightDecay = 0.01,
    double ClipNorm = 1.0,
    bool KeepGradients = false);
