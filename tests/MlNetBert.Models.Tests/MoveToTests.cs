using MlNetBert.Models.Layers;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests;

/// <summary>Counts the tensors of the whole process, so nothing may run beside it. That a GPU is moved to is in GpuTests.</summary>
[Collection(nameof(LeakTests))]
public sealed class MoveToTests
{
    [Fact]
    public void MoveTo_WhereItIs_LeavesTheParameters()
    {
        using var model = TestModels.Tiny("bert");
        var parameter = model.parameters().First();
        using var guard = no_grad();
        using var shared = parameter.alias();

        model.MoveTo(CPU);

        // A copy would not see what is written now.
        using var same = parameter.fill_(3);
        Assert.Equal(3, shared.flatten()[0].item<float>());
    }

    [Fact]
    public void Rehouse_Parameter_StaysTheSameObjectWithOtherValuesAndLearnsOn()
    {
        using var scope = NewDisposeScope();
        var parameter = new TorchSharp.Modules.Parameter(ones(3));
        using (no_grad())
        {
            Move();
            var before = LiveTensors.CountSettled();
            Move();
            Assert.Equal(before, Tensor.TotalCount);
        }

        (parameter * 2).sum().backward();

        Assert.Equal([7, 7, 7], parameter.data<float>().ToArray());
        Assert.Equal([2, 2, 2], parameter.grad!.data<float>().ToArray());

        void Move()
        {
            using var data = full(3, 7, float32);
            TensorMove.Rehouse(parameter, data);
        }
    }
}
