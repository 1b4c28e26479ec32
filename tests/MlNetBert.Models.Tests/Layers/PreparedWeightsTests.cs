using CsCheck;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Layers;

public sealed class PreparedWeightsTests
{
    /// <summary>Every architecture in both number formats, with how far numbers may be off.</summary>
    public static TheoryData<string, ComputePrecision, double> Precisions =>
    [
        .. from row in OwnArchitectures.Encoders
           from precision in new[] { (ComputePrecision.Float32, 1e-5), (ComputePrecision.BFloat16, 0.03) }
           select (row.Data, precision.Item1, precision.Item2),
    ];

    /// <summary>Every architecture, with each way in which weights change.</summary>
    public static TheoryData<string, string> Changes =>
        [.. from row in OwnArchitectures.Encoders from how in new[] { "train", "initialize", "load", "again" } select (row.Data, how)];

    [Fact]
    public void LayoutOf_LibtorchOfThePackages_Float32AndNothingThatCannotBe()
    {
        Assert.NotEqual(PackedLayout.None, OneDnnLinear.LayoutOf(float32));
        Assert.Equal(PackedLayout.None, OneDnnLinear.LayoutOf(int64));
    }

    // Above 32 outputs, remainders by 64 from 1 to 48 are those that oneDNN fails at on some processors.
    [Fact]
    public void TryApply_AnyShape_GivesThePlainProduct() => Gen.Select(Gen.Int[1, 200], Gen.Int[1, 400], Gen.Int[1, 256], Gen.Bool, Gen.Bool).Sample(
        (inputs, outputs, rows, hasBias, isNarrow) =>
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            using var prepared = new PreparedWeights();
            var type = isNarrow ? bfloat16 : float32;
            var (input, weight, bias) = (PreparedCheck.Draw(rows, inputs).to(type), new TorchSharp.Modules.Parameter(PreparedCheck.Draw(outputs, inputs)), hasBias ? PreparedCheck.Draw(1, outputs)[0] : null);
            var expected = nn.functional.linear(input, weight.to(type), bias?.to(type));
            if (prepared.TryApply(input, weight, bias) is not { } found)
                return OneDnnLinear.LayoutOf(type) == PackedLayout.None || ProcessorFaults.Messages.Count > 0;
            return found.is_contiguous() && (found - expected).abs().max().to(float64).item<double>() <= (isNarrow ? 2e-2 : 1e-5) * expected.abs().max().to(float64).item<double>();
        },
        iter: 60, threads: 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TryApply_EitherLayout_GivesThePlainProduct(bool isFilled)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var prepared = new PreparedWeights(layout: isFilled ? PackedLayout.WholeTiles : PackedLayout.AsIs);
        var (input, weight, bias) = (PreparedCheck.Draw(17, 48).view(1, 17, 48), new TorchSharp.Modules.Parameter(PreparedCheck.Draw(56, 48)), PreparedCheck.Draw(1, 56)[0]);

        var found = prepared.TryApply(input, weight, bias)!;

        Assert.Equal([1, 17, 56], found.shape);
        Assert.True(found.is_contiguous());
        Assert.True(found.allclose(nn.functional.linear(input, weight, bias), 1e-5, 1e-5));
    }

    [Fact]
    public void TryApply_WeightsThatTheProcessorMultipliesWrongly_TakesNoneAndTellsOnce()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var told = new List<string>();
        EventHandler<ProcessorFaultEventArgs> listener = (_, fault) => told.Add(fault.Message);
        ProcessorFaults.Found += listener;
        try
        {
            using var prepared = new PreparedWeights(weight => OneDnnLinear.Pack(weight * 1.001));
            var input = PreparedCheck.Draw(3, 64);
            for (var i = 0; i < 3; i++)
            {
                var weight = new TorchSharp.Modules.Parameter(PreparedCheck.Draw(64, 64));
                Assert.Null(prepared.TryApply(input, weight, bias: null));
                Assert.Null(prepared.TryApply(input, weight, bias: null));
            }

            Assert.Equal(0, prepared.Count);
        }
        finally
        {
            ProcessorFaults.Found -= listener;
        }

        Assert.Contains("oneDNN, float32", Assert.Single(told), StringComparison.Ordinal);
        Assert.Contains(told[0], ProcessorFaults.Messages);
    }

    [Fact]
    public void TryApply_AWeightThatHoldsNoNumber_IsNoFaultOfTheProcessor()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var prepared = new PreparedWeights();
        var weight = PreparedCheck.Draw(64, 64);
        weight[3] = float.NaN;

        Assert.NotNull(prepared.TryApply(PreparedCheck.Draw(3, 64), new TorchSharp.Modules.Parameter(weight), bias: null));
        Assert.Equal(1, prepared.Count);
    }

    [Theory]
    [InlineData(-100f)]
    [InlineData(-1e9f)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.NaN)]
    public void TryApply_ABiasThatBansAnOutput_IsNoFaultOfTheProcessor(float banned)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        foreach (var isFilled in new[] { false, true })
        {
            using var prepared = new PreparedWeights(layout: isFilled ? PackedLayout.WholeTiles : PackedLayout.AsIs);
            var (weight, bias, input) = (new TorchSharp.Modules.Parameter(PreparedCheck.Draw(63, 64)), zeros(63), PreparedCheck.Draw(3, 64));
            bias[62] = banned;

            var found = prepared.TryApply(input, weight, bias);

            Assert.NotNull(found);
            Assert.True(nn.functional.linear(input, weight, bias).allclose(found, 1e-5, 1e-5, equal_nan: true));
        }
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Forward_OfAPreparedModel_GivesWhatItGivesUnprepared(string architecture, ComputePrecision precision, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var plain = TestModels.Tiny(architecture);
        using var prepared = TestModels.Tiny(architecture);
        plain.Precision = prepared.Precision = precision;
        plain.eval();
        prepared.PrepareForInference();
        var (ids, mask) = (Ids(), ones(2, 9, int64));
        mask[1, 5..] = 0;

        var expected = plain.forward(ids, mask);
        var first = prepared.forward(ids, mask);
        var again = prepared.forward(ids, mask);

        Assert.Equal(OneDnnLinear.LayoutOf(precision == ComputePrecision.BFloat16 ? bfloat16 : float32) != PackedLayout.None, prepared.Backbone.Prepared!.Count > 0 && prepared.Prepared!.Count > 0);
        Assert.True(expected.allclose(first, tolerance, tolerance));
        Assert.Equal(first.data<float>().ToArray(), again.data<float>().ToArray());
    }

    [Fact]
    public void TryApply_ManyRows_IsNullAndLaysNothingOut()
    {
        using var scope = NewDisposeScope();
        using var prepared = new PreparedWeights();
        var weight = new TorchSharp.Modules.Parameter(randn(8, 4));

        Assert.Null(prepared.TryApply(randn(257, 4), weight, bias: null));
        Assert.Equal(0, prepared.Count);
        Assert.NotNull(prepared.TryApply(randn(2, 128, 4), weight, bias: null));
        Assert.Equal(1, prepared.Count);
    }

    [Fact]
    public void TryApply_APartOfTheRows_MultipliesWithThatPart()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var prepared = new PreparedWeights();
        var (input, weight, bias) = (randn(3, 4), new TorchSharp.Modules.Parameter(randn(10, 4)), randn(10));

        var second = prepared.TryApply(input, weight, bias, part: 1, parts: 2)!;

        Assert.True(second.allclose(nn.functional.linear(input, weight, bias)[.., 5..], 1e-5, 1e-6));
    }

    [Fact]
    public void Forward_WithAGraph_LaysNothingOutAndHasGradients()
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Tiny("bert");
        model.PrepareForInference();

        model.forward(Ids()).sum().backward();

        Assert.Equal(0, model.Backbone.Prepared!.Count);
        Assert.NotNull(model.Backbone.WordEmbeddings.grad);
    }

    [Fact]
    public void TryApply_NoRows_GivesNoRows()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var prepared = new PreparedWeights();

        Assert.Equal([0, 8], prepared.TryApply(randn(0, 4), new TorchSharp.Modules.Parameter(randn(8, 4)), bias: null)!.shape);
    }

    [Fact]
    public void TryApply_NotContiguousInput_MultipliesWhatItShows()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var prepared = new PreparedWeights();
        var (input, weight) = (randn(4, 6).t(), new TorchSharp.Modules.Parameter(randn(8, 4)));

        Assert.True(prepared.TryApply(input, weight, bias: null)!.allclose(nn.functional.linear(input, weight), 1e-5, 1e-6));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Forward_AfterWeightsChanged_TakesTheNewOnes(string architecture, string how)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = TestModels.Tiny(architecture, seed: 1);
        using var other = TestModels.Tiny(architecture, seed: 2);
        using var weights = MemoryWeights.FromTensors(Weights.ToTensors(other));
        model.PrepareForInference();
        other.eval();
        model.forward(Ids());
        Assert.True(model.Backbone.Prepared!.Count > 0);

        if (how == "train")
            model.train();
        if (how == "load")
            Weights.Load(model, weights);
        else if (how == "initialize")
            model.Initialize(seed: 2);
        else
            foreach (var (parameter, value) in model.parameters().Zip(other.parameters()))
                parameter.copy_(value);
        if (how is "train" or "again")
            model.PrepareForInference();

        Assert.True(model.forward(Ids()).allclose(other.forward(Ids()), 1e-5, 1e-5));
    }

    [Fact]
    public void Forward_OnManyThreadsAtOnce_GivesEachTheSame()
    {
        using var model = TestModels.Tiny("bert");
        model.PrepareForInference();
        var results = new float[8][];

        Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = results.Length }, i =>
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            results[i] = model.forward(Ids()).data<float>().ToArray();
        });

        Assert.All(results, result => Assert.Equal(results[0], result));
        Assert.Equal(2 * 4, model.Backbone.Prepared!.Count);
    }

    private static Tensor Ids() => arange(18, int64).mul(7).remainder(45).add(4).view(2, 9);
}
