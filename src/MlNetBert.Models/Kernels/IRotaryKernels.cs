using static TorchSharp.torch;

namespace MlNetBert.Models.Kernels;

/// <summary>What stands between projections and attention, where one kernel of libtorch's does all of attention.</summary>
internal interface IRotaryKernels
{
    /// <summary>Turns queries and keys by their positions' angles, in place.</summary>
    /// <param name="queryKeyValue">[batch, sequence, 3 · heads · width], bfloat16; changed.</param>
    /// <param name="cosine">[sequence, width / 2], float32.</param>
    /// <param name="sine">[sequence, width / 2], float32.</param>
    /// <param name="isBack">By the opposite angles: the way back.</param>
    void Turn(Tensor queryKeyValue, Tensor cosine, Tensor sine, bool isBack);
}
