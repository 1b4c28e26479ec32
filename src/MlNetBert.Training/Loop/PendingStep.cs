using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <summary>A step whose figures lie where they were computed: a GPU may still be at it.</summary>
/// <param name="Step">Number of the step, from 1.</param>
/// <param name="Batch">What it trained on.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Started">When it was begun, as the clock's timestamp.</param>
/// <param name="Losses">The parts of its mean loss.</param>
/// <param name="Norm">The 2-norm of its gradients.</param>
/// <param name="AgreedLoss">Its loss over all ranks; null where there is one rank.</param>
internal sealed record PendingStep(long Step, GlobalBatch Batch, double LearningRate, long Started, IReadOnlyList<Tensor> Losses,
    Tensor Norm, double? AgreedLoss = null) : IDisposable
{
    /// <summary>The loss of the step; waits for the device.</summary>
    public double ReadLoss() => AgreedLoss ?? Losses.Sum(loss => (double)loss.ReadSingle());

    /// <summary>The norm; waits for the device.</summary>
    public double ReadNorm() => Norm.ReadSingle();

    public void Dispose()
    {
        foreach (var loss in Losses)
            loss.Dispose();
        Norm.Dispose();
    }
}
