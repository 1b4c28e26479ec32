using MlNetBert.Models;
using MlNetBert.Models.Configuration;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Common;

/// <summary>What every architecture keeps that has an encoder and a decoder which attends to it.</summary>
public abstract class SequenceToSequenceConformanceTests : EncoderConformanceTests
{
    private const double Rounding = 1e-5;

    /// <summary>The same with weights large enough to show what positions see.</summary>
    protected abstract ModelConfig Vivid { get; }

    /// <inheritdoc/>
    protected override Tensor LossSum(LanguageModelModule model) => ((SequenceToSequenceModel)model).LossSum(new(Ids(2, 12)), Ids(2, 9)).Sum;

    [Fact]
    public void Forward_LaterTokensOfTheTargetChange_EarlierLogitsStayToTheBit()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model();
        var (source, target) = (Ids(2, 12), Ids(2, 9));
        var changed = target.clone();
        changed[.., 5..] = 3;

        var (before, after) = (model.forward(new(source), target), model.forward(new(source), changed));

        Assert.Equal(0, Largest(before[.., ..5], after[.., ..5]));
        Assert.True(Largest(before[.., 5..], after[.., 5..]) > Rounding);
    }

    [Fact]
    public void Forward_SourceIsPadded_GivesEachTextWhatItHasAlone()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model();
        var (source, target) = (Ids(2, 12), Ids(2, 9));
        var mask = ones_like(source);
        mask[1, 7..] = 0;

        var together = model.forward(new(source, mask), target);

        AssertNear(model.forward(new(source[1..2, ..7]), target[1..2])[0], together[1]);
        Assert.True(Largest(model.forward(new(source), target)[1], together[1]) > Rounding);
    }

    [Fact]
    public void Forward_WithoutOrWithAnEncoder_IsRefusedWhereItCannotBe()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var ids = Ids(1, 4);
        var encoded = new EncoderStates(zeros(1, 6, Config.HiddenSize), ones(1, 5, ScalarType.Int64));

        Assert.Contains("attends to an encoder", Assert.Throws<ArgumentException>(() => model.Decoder.forward(new(ids))).Message, StringComparison.Ordinal);
        Assert.Contains("attends to no encoder", Assert.Throws<ArgumentException>(() => model.Encoder.forward(new(ids) { Encoded = encoded })).Message, StringComparison.Ordinal);
        Assert.Contains("must be [1, 6], found [1, 5]", Assert.Throws<ArgumentException>(() => model.Decoder.forward(new(ids) { Encoded = encoded })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ComputePrecision.Float32, Rounding)]
    [InlineData(ComputePrecision.BFloat16, 0.08)]
    public void Advance_TokenByToken_GivesTheLogitsOfAWholePass(ComputePrecision precision, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model();
        model.Precision = precision;
        var source = Ids(3, 11);
        var mask = ones_like(source);
        mask[2, 4..] = 0;
        var labels = Ids(3, 10).add(1);
        var whole = model.forward(new(source, mask), model.DecoderInputs(labels));           // [batch, target, vocabulary]

        using var state = model.Start(new(source, mask));

        for (var place = 0; place < 10; place++)
        {
            Assert.Equal(place + 1, state.Length);
            AssertNear(whole[.., place], state.Logits, tolerance);
            if (place < 9)
                state.Advance(labels[.., place]);
        }
    }

    [Fact]
    public void Start_PrecisionOfTheCall_IsThatOfEveryStep()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model();
        var ids = Ids(2, 7);
        using var called = model.Start(new(ids), ComputePrecision.BFloat16);
        using var exact = model.Start(new(ids));
        model.Precision = ComputePrecision.BFloat16;
        using var set = model.Start(new(ids));

        Assert.False(exact.Logits.Equals(called.Logits));
        foreach (var token in (long[])[4, 9, 3])
        {
            AssertNear(set.Logits, called.Logits, tolerance: 0);
            set.Advance(tensor([token, 5]));
            model.Precision = ComputePrecision.Float32;
            called.Advance(tensor([token, 5]));
            model.Precision = ComputePrecision.BFloat16;
        }
    }

    [Fact]
    public void SelectRows_RepeatedAndLeftOut_GoOnAsTheRowsTheyWere()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model();
        var source = Ids(3, 8);
        var mask = ones_like(source);
        mask[2, 5..] = 0;
        using var state = model.Start(new(source, mask));
        using var same = model.Start(new(source, mask));
        var rows = tensor([2L, 0, 0, 2]);

        state.SelectRows(rows);
        Assert.Equal(4, state.Rows);
        AssertNear(same.Logits.index_select(0, rows), state.Logits);
        for (var step = 0; step < 3; step++)
        {
            state.Advance(tensor([9L, 8, 8, 9]));
            same.Advance(tensor([8L, 20, 9]));
            AssertNear(same.Logits.index_select(0, rows), state.Logits);
        }
    }

    [Fact]
    public void Start_InTrainingModeOrEmpty_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var ids = Ids(2, 6);

        Assert.Contains("a token at least", Assert.Throws<ArgumentException>(() => model.Start(new(ids[.., ..0]))).Message, StringComparison.Ordinal);
        using var state = model.Start(new(ids));
        Assert.Contains("int64 [2]", Assert.Throws<ArgumentException>(() => state.Advance(tensor([1L]))).Message, StringComparison.Ordinal);
        model.train();
        Assert.Contains("eval()", Assert.Throws<InvalidOperationException>(() => model.Start(new(ids))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Advance_BeyondThePositions_IsRefused()
    {
        Assert.SkipWhen(Config.MaxLength is null, "There is no limit.");
        using var scope = NewDisposeScope();
        using var model = Model();
        using var state = model.Start(new(Ids(1, 3)));
        for (var length = 1; length < Config.LongestSequence; length++)
            state.Advance(tensor([7L]));

        var exception = Assert.Throws<ArgumentException>(() => state.Advance(tensor([7L])));

        Assert.Contains($"has {Config.LongestSequence + 1} tokens, but the model has {Config.LongestSequence} positions", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DecoderInputs_OfLabels_AreOnePlaceOnBehindTheStart()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var config = (SequenceToSequenceConfig)Config;

        var inputs = model.DecoderInputs(tensor(new long[,] { { 7, 8, -100 }, { 9, -100, 6 } }));

        Assert.Equal(config.DecoderStartTokenId, model.DecoderStart);
        Assert.Equal([config.DecoderStartTokenId!.Value, 7L, 8, config.DecoderStartTokenId.Value, 9, config.PadTokenId!.Value], inputs.data<long>().ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void LossSum_LabelsAndPaddingLeftOut_IsTransformersLossTimesTheTargets(double smoothing)
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var source = Ids(3, 10);
        var mask = ones_like(source);
        mask[1, 6..] = 0;
        var labels = Ids(3, 9).add(2);
        labels[0, 3] = Losses.IgnoredLabel;
        labels[1, 2..] = Losses.IgnoredLabel; // the decoder computes nothing there
        labels[2, 7..] = Losses.IgnoredLabel;

        var (sum, targets) = model.LossSum(new(source, mask), labels, smoothing);

        var logits = model.forward(new(source, mask), model.DecoderInputs(labels));
        var logProbabilities = logits.log_softmax(-1)[labels.ne(Losses.IgnoredLabel)];       // [targets, vocabulary]
        var known = labels[labels.ne(Losses.IgnoredLabel)];
        var right = logProbabilities.gather(1, known.unsqueeze(1)).sum().neg().item<float>();
        var all = logProbabilities.mean([1]).sum().neg().item<float>();
        Assert.Equal(8 + 2 + 7, targets.item<long>());
        Assert.Equal(((1 - smoothing) * right) + (smoothing * all), sum.item<float>(), 1e-3);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.LossSum(new(source, mask), labels, 1));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 0.1)]
    [InlineData(true, 0.1)]
    public void Backward_WithCheckpointingPaddingAndDropout_GivesTheGradientsOfThePlainPass(bool kernels, double smoothing)
    {
        using var scope = NewDisposeScope();
        using var model = (SequenceToSequenceModel)Architecture.Create(ModelHead.SequenceToSequence, Vivid.WithDropout(0.2), seed: 1);
        model.train();
        model.TrainsWithKernels = kernels;
        var source = Ids(3, 12);
        var mask = ones_like(source);
        mask[1, 3..] = 0;
        var labels = Ids(3, 9);
        labels[2, 2..] = Losses.IgnoredLabel;
        var kept = Step();
        model.ActivationCheckpointing = true;

        var recomputed = Step();

        Assert.Equal(kept.Loss, recomputed.Loss);
        Assert.All(kept.Gradients.Zip(recomputed.Gradients), pair => AssertNear(pair.First.Gradient, pair.Second.Gradient));
        Assert.All(kept.Gradients, named => Assert.True(named.Gradient.abs().max().item<float>() > 0, named.Name));

        (float Loss, (string Name, Tensor Gradient)[] Gradients) Step()
        {
            model.SeedDropout(4);
            foreach (var parameter in model.parameters())
                parameter.grad = null;
            var loss = model.LossSum(new(source, mask), labels, smoothing).Sum;
            model.Backward(loss);
            return (loss.item<float>(),
                [.. model.named_parameters().Where(named => named.parameter.requires_grad).Select(named => (named.name, named.parameter.grad!.clone()))]);
        }
    }

    private SequenceToSequenceModel Model()
    {
        var model = (SequenceToSequenceModel)Architecture.Create(ModelHead.SequenceToSequence, Vivid, seed: 1);
        model.eval();
        return model;
    }

    private static void AssertNear(Tensor expected, Tensor found, double tolerance = Rounding)
    {
        var scale = Math.Max(1, expected.abs().max().item<float>());
        Assert.True(Largest(expected, found) <= tolerance * scale, $"{Largest(expected, found)} of {scale}");
    }

    private static float Largest(Tensor one, Tensor other) => one.sub(other).abs().max().item<float>();
}
