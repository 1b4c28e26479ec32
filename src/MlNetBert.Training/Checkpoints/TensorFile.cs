using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using static TorchSharp.torch;

namespace MlNetBert.Training.Checkpoints;

/// <summary>Named float32 tensors in a safetensors file.</summary>
internal static class TensorFile
{
    /// <summary>Describes a tensor of ordinary memory for writing.</summary>
    public static TensorData Describe(string name, Tensor tensor) =>
        new(name, SafetensorsDtype.F32, tensor.shape, stream => tensor.WriteBytesToStream(stream, 1 << 20));

    /// <summary>Copies tensors of a file into those of the same name; every one must be there with the same shape.</summary>
    /// <exception cref="CheckpointException">One is missing or has another shape.</exception>
    public static void Read(string path, IEnumerable<(string Name, Tensor Target)> targets)
    {
        using var file = CheckpointWeights.FromFile(path);
        using var noGradient = no_grad();
        foreach (var (name, target) in targets)
        {
            var found = file.Contains(name) ? file.Describe(name) : null;
            if (found is null || found.Dtype != SafetensorsDtype.F32 || !found.Shape.SequenceEqual(target.shape))
            {
                throw new CheckpointException(
                    path, $"expected float32 values [{string.Join(", ", target.shape)}] for '{name}', found "
                        + $"{(found is null ? "none" : $"{found.Dtype} [{string.Join(", ", found.Shape)}]")}. The checkpoint is another "
                        + "model's.");
            }

            using var staged = empty(target.shape, ScalarType.Float32, CPU);
            using (var source = file.OpenRead(name))
                source.ReadExactly(staged.bytes);
            target.copy_(staged);
        }
    }
}
