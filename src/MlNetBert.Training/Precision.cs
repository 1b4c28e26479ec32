namespace MlNetBert;

/// <summary>
/// The number format of the matrix products in training. Weights, optimizer state, norms, softmax and loss are float32 in every case.
/// </summary>
public enum Precision
{
    /// <summary>
    /// bfloat16 on a GPU and where the processor multiplies it in clearly less time than float32, which is measured once a process; float32
    /// elsewhere: never a slow emulation.
    /// </summary>
    Auto,

    /// <summary>float32 throughout: the same bits at every run with the same seed and threads.</summary>
    Float32,

    /// <summary>bfloat16 matrix products over float32 weights.</summary>
    BFloat16,
}
