using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.Tests.Common;

/// <summary>Checkpoints in memory.</summary>
internal static class MemoryWeights
{
    /// <summary>Writes tensors out once, and opens what was written.</summary>
    public static ICheckpointWeights FromTensors(IEnumerable<TensorData> tensors)
    {
        using var memory = new MemoryStream();
        SafetensorsWriter.Write(memory, tensors);
        return CheckpointWeights.FromMemory(memory.ToArray(), "(memory)");
    }
}
