using MlNetBert.Tests.Common;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MlNetBert.Training.Tests.Optimizers;

public sealed class AdamWTests : IDisposable
{
    private static readonly PhiloxStream Numbers = new(5, 77, 0);

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.0)]
    [InlineData(1e6)]
    public void Step_ManySteps_EqualsPlainDoublePrecision(double clipNorm)
    {
        var settings = new AdamWSettings(0.9, 0.98, 1e-6, WeightDecay: 0.1, clipNorm);
        var (matrix, vector) = (Parameter(0, 3, 5), Parameter(1, 7));
        var expected = new Reference(settings, [(Values(matrix), true), (Values(vector), false)]);
        using var optimizer = new AdamW([new("m", matrix, matrix.dim() > 1), new("v", vector, vector.dim() > 1)], settings);

        for (var step = 0; step < 25; step++)
        {
            double[][] gradients = [Gradient(step, 0, 15), Gradient(step, 1, 7)];
            matrix.grad = tensor(gradients[0], ScalarType.Float32).reshape(3, 5);
            vector.grad = tensor(gradients[1], ScalarType.Float32);
            var rate = 0.01 * (step + 1);
            Assert.Equal(expected.Step(gradients, rate), optimizer.Step(rate).ToSingle(), 1e-4);
        }

        Assert.Equal(25, optimizer.Updates);
        Close(expected.Parameters[0], Values(matrix));
        Close(expected.Parameters[1], Values(vector));
    }

    [Fact]
    public void Step_ScaleOfOneParameter_ScalesItsLearningRateAlone()
    {
        var settings = new AdamWSettings(ClipNorm: 0);
        var (slow, fast) = (Parameter(0, 4), Parameter(0, 4));
        var start = Values(slow);
        using var optimizer = new AdamW([new("slow", slow, slow.dim() > 1), new("fast", fast, fast.dim() > 1)], settings, parameter => parameter.Name == "slow" ? 0.5 : 1);
        (slow.grad, fast.grad) = (ones(4), ones(4));
        optimizer.Step(0.1).Dispose();

        // The first step of Adam is as long as the learning rate.
        Close([.. start.Select(v => v - 0.05)], Values(slow));
        Close([.. start.Select(v => v - 0.1)], Values(fast));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Step_GradientNotFinite_ChangesNothing(float poison)
    {
        var (matrix, vector, undisturbed) = (Parameter(0, 2, 2), Parameter(1, 3), Parameter(1, 3));
        using var optimizer = new AdamW([new("m", matrix, matrix.dim() > 1), new("v", vector, vector.dim() > 1)], new AdamWSettings(ClipNorm: 0));
        using var other = new AdamW([new("v", undisturbed, undisturbed.dim() > 1)], new AdamWSettings(ClipNorm: 0));
        (matrix.grad, vector.grad, undisturbed.grad) = (ones(2, 2), ones(3), ones(3));
        optimizer.Step(0.1).Dispose();
        other.Step(0.1).Dispose();
        var before = (Values(matrix), Values(vector));

        (matrix.grad, vector.grad) = (ones(2, 2), tensor(new[] { 1, poison, 1 }));
        var norm = optimizer.Step(0.1).ToSingle();

        Assert.False(float.IsFinite(norm));
        Assert.Equal(1, optimizer.Updates);
        Assert.Equal(before.Item1, Values(matrix));
        Assert.Equal(before.Item2, Values(vector));
        Assert.Null(matrix.grad);

        // The running means did not change either: the next step is as if nothing had been.
        (matrix.grad, vector.grad, undisturbed.grad) = (ones(2, 2), ones(3) * 2, ones(3) * 2);
        optimizer.Step(0.1).Dispose();
        other.Step(0.1).Dispose();
        Assert.Equal(Values(undisturbed), Values(vector));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Step_ParameterWithoutGradient_OnlyDecays(bool keep)
    {
        var (used, matrix, vector) = (Parameter(0, 3), Parameter(1, 2, 2), Parameter(2, 2));
        var (matrixBefore, vectorBefore) = (Values(matrix), Values(vector));
        using var optimizer = new AdamW([new("used", used, used.dim() > 1), new("matrix", matrix, matrix.dim() > 1), new("vector", vector, vector.dim() > 1)], new AdamWSettings(WeightDecay: 0.5, KeepGradients: keep));
        used.grad = ones(3);
        optimizer.Step(0.1).Dispose();

        Assert.Equal(matrixBefore.Select(x => x * (1 - (0.1 * 0.5))), Values(matrix), (expected, found) => Math.Abs(expected - found) < 1e-6);
        Assert.Equal(vectorBefore, Values(vector));
    }

    [Fact]
    public void Step_GradientsKept_AreMadeOnceAndGiveTheSameWeights()
    {
        var (kept, freed) = (Parameter(0, 3, 3), Parameter(0, 3, 3));
        using var keeping = new AdamW([new("p", kept, kept.dim() > 1)], new AdamWSettings(KeepGradients: true));
        using var freeing = new AdamW([new("p", freed, freed.dim() > 1)], new AdamWSettings());
        using var place = kept.grad!;
        for (var step = 0; step < 3; step++)
        {
            foreach (var parameter in (TorchSharp.Modules.Parameter[])[kept, freed])
            {
                using var scope = NewDisposeScope();
                parameter.pow(2 + step).sum().backward();
            }

            keeping.Step(0.1).Dispose();
            freeing.Step(0.1).Dispose();
            Assert.Equal(Values(freed), Values(kept));
            Assert.Null(freed.grad);
            using (no_grad())
                place.add_(step); // shares its memory with the gradient of now, so that what is added is seen there
            using var now = kept.grad!;
            Assert.All(Values(now), value => Assert.Equal(step, value));
            using (no_grad())
                place.zero_();
        }
    }

    [Fact]
    public void Dispose_AfterSteps_LeavesNoTensor()
    {
        var parameter = Parameter(0, 3, 3);
        using (var warm = new AdamW([new("p", parameter, parameter.dim() > 1)], new AdamWSettings()))
            RunSteps(warm, parameter);
        var before = LiveTensors.CountSettled();

        using (var optimizer = new AdamW([new("p", parameter, parameter.dim() > 1)], new AdamWSettings()))
            RunSteps(optimizer, parameter);

        Assert.Equal(before, Tensor.TotalCount);
    }

    private static void RunSteps(AdamW optimizer, Parameter parameter)
    {
        for (var step = 0; step < 3; step++)
        {
            using (var gradient = ones(3, 3))
                parameter.grad = gradient;
            optimizer.Step(0.1).Dispose();
        }
    }

    private static Parameter Parameter(int number, params long[] shape)
    {
        var count = shape.Aggregate(1L, (a, b) => a * b);
        return new Parameter(tensor(Gradient(1000, number, (int)count), ScalarType.Float32).reshape(shape));
    }

    private static double[] Gradient(int step, int number, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (double)(Numbers.Single(step, (number * 100) + i) - 0.5f) * 4)];

    private static double[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return [.. tensor.detach().to(ScalarType.Float64).reshape(-1).data<double>().ToArray()];
    }

    private static void Close(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 2e-5);
    }

    /// <summary>AdamW as Loshchilov and Hutter write it, with the clipping of PyTorch.</summary>
    private sealed class Reference(AdamWSettings settings, (double[] Values, bool Decays)[] parameters)
    {
        private readonly double[][] _averages = [.. parameters.Select(p => new double[p.Values.Length])];
        private readonly double[][] _squares = [.. parameters.Select(p => new double[p.Values.Length])];
        private int _steps;

        public double[][] Parameters { get; } = [.. parameters.Select(p => p.Values)];

        public double Step(double[][] gradients, double rate)
        {
            _steps++;
            var norm = Math.Sqrt(gradients.Sum(g => g.Sum(v => v * v)));
            var factor = settings.ClipNorm > 0 ? Math.Min(1, settings.ClipNorm / (norm + 1e-6)) : 1;
            for (var p = 0; p < Parameters.Length; p++)
            {
                for (var i = 0; i < Parameters[p].Length; i++)
                {
                    var gradient = gradients[p][i] * factor;
                    Parameters[p][i] *= 1 - (rate * (parameters[p].Decays ? settings.WeightDecay : 0));
                    _averages[p][i] = (settings.Beta1 * _averages[p][i]) + ((1 - settings.Beta1) * gradient);
                    _squares[p][i] = (settings.Beta2 * _squares[p][i]) + ((1 - settings.Beta2) * gradient * gradient);
                    var average = _averages[p][i] / (1 - Math.Pow(settings.Beta1, _steps));
                    var square = _squares[p][i] / (1 - Math.Pow(settings.Beta2, _steps));
                    Parameters[p][i] -= rate * average / (Math.Sqrt(square) + settings.Epsilon);
                }
            }

            return norm;
        }
    }
}
