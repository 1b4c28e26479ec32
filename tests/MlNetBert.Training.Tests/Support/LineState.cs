using System.Runtime.InteropServices;
using MlNetBert.Training.Checkpoints;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Support;

/// <summary>A line in a checkpoint: three numbers in a file.</summary>
internal sealed class LineState(LineFit line) : IModelState
{
    private const string FileName = "line.bin";

    public IModelSnapshot Snapshot() => new Numbers(line.Weights);

    public void Load(string directory)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var numbers = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(directory, FileName))).ToArray();
        foreach (var (name, parameter) in line.Model.named_parameters())
            parameter.copy_(name == "weight" ? tensor(numbers[..2]).reshape(1, 2) : tensor(numbers[2..]));
    }

    private sealed class Numbers(float[] numbers) : IModelSnapshot
    {
        public void WriteTo(string directory) => File.WriteAllBytes(Path.Combine(directory, FileName), MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray());

        public void Dispose()
        {
        }
    }
}
