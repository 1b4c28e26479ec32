using MlNetBert.Models;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Kernels.Vectors;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Benchmarks;

/// <summary>What stands between a step's products on a processor, there and back: libtorch's operations, with its graph, and our kernels, in turn.</summary>
internal sealed class KernelBenchmark
{
    private const int Calls = 3;
    private const int Sequence = 128;
    private const double Dropout = 0.1;

    private static readonly (string Size, int Batch, int Hidden, int Heads, int Words)[] Cases = [("mini", 32, 256, 4, 8_000), ("minilm", 32, 384, 12, 30_522), ("base", 16, 768, 12, 30_522)];

    private readonly int _rounds;
    private readonly ScalarType _type;
    private readonly IFusedKernels _kernels;
    private readonly IAttentionKernels _ofAttention;
    private readonly ForwardPass _pass;
    private readonly DropoutKey _key = MaskGenerator.Key(Dropout, 1, 1);

    private KernelBenchmark(int rounds, ComputePrecision precision)
    {
        _rounds = rounds;
        _type = precision == ComputePrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        _kernels = ProcessorKernels.For(precision, columns: 16);
        _ofAttention = (IAttentionKernels)_kernels;
        _pass = new ForwardPass(precision, new DropoutMasks(1));
    }

    public static void Run(Arguments arguments)
    {
        var benchmark = new KernelBenchmark(5 * arguments.Rounds, arguments.Precision == Precision.BFloat16 ? ComputePrecision.BFloat16 : ComputePrecision.Float32);
        Report.Head($"Kernels, {arguments.Precision}", "what, there and back", "libtorch, ms", "kernel, ms", "ratio");
        foreach (var (size, batch, hidden, heads, words) in Cases.Where(c => arguments.Sizes.Contains(c.Size)))
        {
            benchmark.Norms(size, batch, hidden);
            benchmark.Activations(size, batch, hidden);
            benchmark.OfAttention(size, batch, hidden, heads);
            benchmark.Loss(size, batch * Sequence * 15 / 100, words);
        }
    }

    private void Norms(string size, int batch, int hidden)
    {
        using var scope = NewDisposeScope();
        using var norm = new Norm(hidden, 1e-12);
        Initialization.Constant(norm.Scale, 1);
        Initialization.Constant(norm.Offset!, 0);
        var (update, residual, gradient, bias) = (Normal(batch, Sequence, hidden), randn(batch, Sequence, hidden), Normal(batch, Sequence, hidden), randn(hidden));
        var narrow = residual.to(_type);
        Compare(
            $"{size}: dropout, residual, norm",
            () =>
            {
                var leaves = Leaves(update, residual);
                norm.Forward(_pass.Dropout!.ApplyAndAdd(leaves[1], leaves[0], Dropout)).to(_type).backward([gradient]);
            },
            taken =>
            {
                var (_, means, reciprocals) = _kernels.AddAndNormalize(taken[0], narrow, bias, norm, _key);
                _kernels.AddAndNormalizeBackward(taken[1], null, taken[0], narrow, bias, norm, means, reciprocals, _key);
            },
            update,
            gradient);
        Compare(
            $"{size}: residual stream, norm",
            () =>
            {
                var leaves = Leaves(update, residual);
                var sum = leaves[1].Plus(leaves[0]);
                autograd.backward([norm.Forward(sum).to(_type), sum], [gradient, residual]);
            },
            taken =>
            {
                var (sum, _, means, reciprocals) = _kernels.AddToStreamAndNormalize(update, residual, norm);
                _kernels.AddToStreamAndNormalizeBackward(taken[0], taken[1], sum, norm, means, reciprocals);
            },
            gradient,
            residual);
    }

    private void Activations(string size, int batch, int hidden)
    {
        using var scope = NewDisposeScope();
        var (input, gradient, bias) = (Normal(batch, Sequence, 4 * hidden), Normal(batch, Sequence, 4 * hidden), zeros(4 * hidden));
        Compare(
            $"{size}: GELU",
            () => nn.functional.gelu(Leaves(input)[0]).backward([gradient]),
            taken =>
            {
                _kernels.Gelu(taken[0], bias);
                _kernels.GeluBackward(taken[1], taken[0], bias);
            },
            input,
            gradient);
        var (halves, half) = (Normal(batch, Sequence, 2 * (8 * hidden / 3)), Normal(batch, Sequence, 8 * hidden / 3));
        Compare(
            $"{size}: gated GELU",
            () =>
            {
                var leaves = Leaves(half, half);
                nn.functional.gelu(leaves[0]).mul(leaves[1]).backward([half]);
            },
            taken =>
            {
                _kernels.GatedGelu(taken[0]);
                _kernels.GatedGeluBackward(half, taken[0]);
            },
            halves);
    }

    private void OfAttention(string size, int batch, int hidden, int heads)
    {
        using var scope = NewDisposeScope();
        using var table = new RotaryTable(10_000, hidden / heads, Sequence);
        var (cosine, sine) = table.Take(Sequence, CPU, ScalarType.Float32);
        var (narrowCosine, narrowSine) = (cosine.to(_type), sine.to(_type));
        var (scores, gradient) = (Normal(batch * heads, Sequence, Sequence), Normal(batch * heads, Sequence, Sequence));
        Compare(
            $"{size}: softmax, dropout",
            () =>
            {
                var scaled = Leaves(scores)[0].Times(0.125);
                _pass.Dropout!.Drop(nn.functional.softmax(scaled, -1), Dropout).backward([gradient]);
            },
            taken =>
            {
                _ofAttention.Softmax(taken[0], heads, null, 0.125f, _key);
                _ofAttention.SoftmaxBackward(taken[1], taken[0], 0.125f, _key);
            },
            scores,
            gradient);
        var (projected, part) = (Normal(batch, Sequence, 3 * hidden), Normal(batch * heads, Sequence, hidden / heads));
        Compare(
            $"{size}: heads, turned by positions",
            () =>
            {
                var parts = Attention.Split(Leaves(projected)[0], heads, _pass).split([2, 1], 0);
                var turned = RotaryTable.Rotate(parts[0], narrowCosine, narrowSine).unbind(0);
                autograd.backward([turned[0], turned[1], parts[1]], [part.view_as(turned[0]), part.view_as(turned[0]), part.view_as(parts[1])]);
            },
            taken =>
            {
                _ofAttention.SplitHeads(taken[0], heads, (cosine, sine));
                _ofAttention.JoinHeads(part, part, part, heads, (cosine, sine), taken[0]);
            },
            projected);
    }

    private void Loss(string size, int targets, int words)
    {
        using var scope = NewDisposeScope();
        var (logits, offset, labels) = (Normal(targets, words), zeros(words), randint(0, words, [targets], ScalarType.Int64));
        Compare(
            $"{size}: cross entropy and the bias's gradient",
            () =>
            {
                var leaf = Leaves(logits)[0];
                nn.functional.cross_entropy(leaf.to(ScalarType.Float32), labels, reduction: nn.Reduction.Sum).backward();
                leaf.grad!.sum([0L], type: ScalarType.Float32);
            },
            taken =>
            {
                _kernels.CrossEntropy(taken[0], offset, labels);
                _kernels.SumRows(taken[0]);
            },
            logits);
    }

    // Kernels write over what they take: it is written anew before each call, outside the clock.
    private void Compare(string name, Action plain, Action<Tensor[]> kernels, params Tensor[] taken)
    {
        var copies = Array.ConvertAll(taken, tensor => tensor.clone());
        var (theirs, ours) = InTurn.Time(_rounds, Calls, Plain, Kernels, Prepare);
        Report.Row(name, Milliseconds(theirs), Milliseconds(ours), Report.Number(Report.Median(theirs) / Report.Median(ours)) + " ×");

        static string Milliseconds(List<double> seconds) => Report.Spread([.. seconds.Select(s => 1000 * s)]);

        void Plain()
        {
            using var scope = NewDisposeScope();
            plain();
        }

        void Kernels()
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            kernels(copies);
        }

        void Prepare()
        {
            foreach (var (copy, tensor) in copies.Zip(taken))
                copy.copy_(tensor);
        }
    }

    private static Tensor[] Leaves(params Tensor[] tensors) => Array.ConvertAll(tensors, tensor => tensor.detach().requires_grad_());

    private Tensor Normal(params long[] shape) => randn(shape).to(_type);
}
