using static TorchSharp.torch;

namespace MlNetBert.Tests.Common;

/// <summary>What a count of tensors begins with.</summary>
internal static class LiveTensors
{
    /// <summary>Counts the tensors of the process after what other tests have left to the garbage collector is gone, which would go amid the test otherwise. The count behind must not collect: it is to find what was left.</summary>
    public static long CountSettled()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return Tensor.TotalCount;
    }
}
