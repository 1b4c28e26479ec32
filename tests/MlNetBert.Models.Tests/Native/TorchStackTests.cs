using MlNetBert.Models.Native;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Native;

/// <summary>What everything else stands on: that libtorch is there and computes.</summary>
public class TorchStackTests
{
    [Fact]
    public void EnsureLoaded_OnThisMachine_TellsWhatWasLoaded()
    {
        var info = TorchRuntime.EnsureLoaded();

        Assert.Same(info, TorchRuntime.Info);
        Assert.True(Directory.Exists(info.LibTorchDirectory));
        Assert.True(File.Exists(info.ShimPath));
        Assert.All(info.LoadedFiles, f => Assert.True(File.Exists(f), f));
        Assert.Contains(info.ShimPath, info.LoadedFiles);
    }

    [Fact]
    public void Autograd_OfASquare_IsTwiceTheValue()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1f, -2f, 3f], requires_grad: true);
        x.square().sum().backward();
        Assert.Equal([2f, -4f, 6f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Matmul_InBFloat16_AgreesWithFloat32()
    {
        using var scope = NewDisposeScope();
        var a = arange(6, ScalarType.Float32).reshape(2, 3);
        var b = arange(12, ScalarType.Float32).reshape(3, 4);
        var expected = a.matmul(b); // small integers: exact in bfloat16
        var actual = a.bfloat16().matmul(b.bfloat16()).to(ScalarType.Float32);
        Assert.Equal(expected.data<float>().ToArray(), actual.data<float>().ToArray());
    }

    [Fact]
    public void ScaledDotProductAttention_OfEqualKeys_IsTheMeanOfTheValues()
    {
        using var scope = NewDisposeScope();
        var q = ones(1, 2, 3, 4);
        var v = arange(24, ScalarType.Float32).reshape(1, 2, 3, 4);
        var y = nn.functional.scaled_dot_product_attention(q, q, v);
        Assert.True(y.allclose(v.mean([2], keepdim: true).expand(1, 2, 3, 4)));
    }

    [Fact]
    public void JitCompile_OfAFunction_RunsIt()
    {
        using var scope = NewDisposeScope();
        var unit = jit.compile("def twice(x: Tensor):\n    return x + x\n");
        var y = (Tensor)unit.invoke("twice", ones(2));
        Assert.Equal([2f, 2f], y.data<float>().ToArray());
    }

    [Fact]
    public void Output_OfThisTestProject_HoldsNoLibTorch()
    {
        var natives = Directory.EnumerateFiles(AppContext.BaseDirectory, "*torch_cpu*", SearchOption.AllDirectories);
        Assert.Empty(natives);
    }
}
