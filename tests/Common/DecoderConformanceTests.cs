using MlNetBert.Models;
using MlNetBert.Models.Generation;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Common;

/// <summary>What every architecture keeps whose positions attend to themselves and those before them.</summary>
public abstract class DecoderConformanceTests : ArchitectureConformanceTests
{
    private const double Rounding = 1e-5;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Forward_LaterTokensChange_EarlierHiddenStatesStayToTheBit(bool allHiddenStates)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Backbone();
        var ids = Ids(2, 12);
        var changed = ids.clone();
        changed[.., 7..] = 3;

        var (before, after) = (model.forward(new(ids), allHiddenStates).LastHiddenState, model.forward(new(changed), allHiddenStates).LastHiddenState);

        Assert.Equal(0, Largest(before[.., ..7], after[.., ..7]));
        Assert.True(Largest(before[.., 7..], after[.., 7..]) > Rounding);
    }

    [Fact]
    public void Forward_NotCausal_SeesLaterTokens()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Backbone();
        var ids = Ids(2, 12);
        var changed = ids.clone();
        changed[.., 7..] = 3;

        var (before, after) = (model.forward(new(ids) { Causal = false }).LastHiddenState, model.forward(new(changed) { Causal = false }).LastHiddenState);

        Assert.True(Largest(before[.., ..7], after[.., ..7]) > Rounding);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(12)]
    public void Advance_TokenByToken_GivesTheLogitsOfAWholePass(int prompt)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model();
        var ids = Ids(3, 14);
        var whole = model.forward(ids);                                                      // [batch, sequence, vocabulary]

        using var state = ((IGenerativeModel)model).Start(new(ids[.., ..prompt]));

        for (var length = prompt; length < 14; length++)
        {
            Assert.Equal(length, state.Length);
            AssertNear(whole[.., length - 1], state.Logits);
            state.Advance(ids[.., length]);
        }
    }

    [Theory]
    [InlineData(ComputePrecision.Float32, Rounding)]
    [InlineData(ComputePrecision.BFloat16, 0.05)]
    public void Start_PromptsPaddedOnTheLeft_GivesEachWhatItHasAlone(ComputePrecision precision, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model();
        model.Precision = precision;
        var ids = Ids(2, 9);
        var mask = ones_like(ids);
        mask[1, ..5] = 0;

        using var together = ((IGenerativeModel)model).Start(new(ids, mask));
        using var alone = ((IGenerativeModel)model).Start(new(ids[1..2, 5..]));

        for (var step = 0; step < 4; step++)
        {
            AssertNear(alone.Logits[0], together.Logits[1], tolerance);
            alone.Advance(tensor([7L + step]));
            together.Advance(tensor([30L - step, 7 + step]));
        }
    }

    [Fact]
    public void Start_PrecisionOfTheCall_IsThatOfEveryStep()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model();
        var ids = Ids(2, 7);
        using var called = ((IGenerativeModel)model).Start(new(ids), ComputePrecision.BFloat16);
        using var exact = ((IGenerativeModel)model).Start(new(ids));
        model.Precision = ComputePrecision.BFloat16;
        using var set = ((IGenerativeModel)model).Start(new(ids));
        model.Precision = ComputePrecision.Float32;

        Assert.False(exact.Logits.Equals(called.Logits));
        for (var step = 0; step < 3; step++)
        {
            AssertNear(set.Logits, called.Logits, tolerance: 0);
            called.Advance(tensor([3L, 4 + step]));
            model.Precision = ComputePrecision.BFloat16;
            set.Advance(tensor([3L, 4 + step]));
            model.Precision = ComputePrecision.Float32;
        }
    }

    [Fact]
    public void Forward_PaddedOnTheLeft_GivesEachTextWhatItHasAlone()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Backbone();
        var ids = Ids(3, 12);
        var mask = ones_like(ids);
        mask[1, ..2] = 0;
        mask[2, ..9] = 0;

        foreach (var allHiddenStates in (bool[])[false, true]) // with padding taken out, and with it
        {
            var together = model.forward(new(ids, mask), allHiddenStates).LastHiddenState;
            AssertNear(model.forward(new(ids[1..2, 2..])).LastHiddenState[0], together[1, 2..]);
            AssertNear(model.forward(new(ids[2..3, 9..])).LastHiddenState[0], together[2, 9..]);
        }
    }

    [Fact]
    public void SelectRows_RepeatedAndLeftOut_GoOnAsTheRowsTheyWere()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model();
        var ids = Ids(3, 8);
        var mask = ones_like(ids);
        mask[2, ..3] = 0;
        using var state = ((IGenerativeModel)model).Start(new(ids, mask));
        using var same = ((IGenerativeModel)model).Start(new(ids, mask));

        state.SelectRows(tensor([2L, 0, 0, 2]));
        Assert.Equal(4, state.Rows);
        AssertNear(same.Logits.index_select(0, tensor([2L, 0, 0, 2])), state.Logits);
        for (var step = 0; step < 3; step++)
        {
            state.Advance(tensor([9L, 8, 8, 9]));
            same.Advance(tensor([8L, 20, 9]));
            AssertNear(same.Logits.index_select(0, tensor([2L, 0, 0, 2])), state.Logits);
        }
    }

    [Fact]
    public void Start_InTrainingModeEmptyOrPaddedOnTheRight_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var generative = (IGenerativeModel)model;
        var ids = Ids(2, 6);
        var mask = ones_like(ids);
        mask[1, 4..] = 0;

        Assert.Contains("padded on the left", Assert.Throws<ArgumentException>(() => generative.Start(new(ids, mask))).Message, StringComparison.Ordinal);
        Assert.Contains("a token at least", Assert.Throws<ArgumentException>(() => generative.Start(new(ids[.., ..0]))).Message, StringComparison.Ordinal);
        using var other = generative.Start(new(ids));
        Assert.Contains("int64 [2]", Assert.Throws<ArgumentException>(() => other.Advance(tensor([1L]))).Message, StringComparison.Ordinal);
        model.train();
        Assert.Contains("eval()", Assert.Throws<InvalidOperationException>(() => generative.Start(new(ids))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Advance_BeyondThePositions_IsRefused()
    {
        Assert.SkipWhen(Config.MaxLength is null, "There is no limit.");
        using var scope = NewDisposeScope();
        using var model = Model();
        using var state = ((IGenerativeModel)model).Start(new(Ids(1, Config.LongestSequence)));

        var exception = Assert.Throws<ArgumentException>(() => state.Advance(tensor([1L])));

        Assert.Contains($"has {Config.LongestSequence + 1} tokens, but the model has {Config.LongestSequence} positions", exception.Message, StringComparison.Ordinal);
    }

    private Backbone Backbone()
    {
        var model = (Backbone)Architecture.Create(ModelHead.Encoder, Config, seed: 1);
        model.eval();
        return model;
    }

    // Weights large enough to show what positions see.
    private VocabularyModel Model()
    {
        var model = (VocabularyModel)Architecture.Create(ModelHead.CausalLanguageModel, Config with { InitializerRange = 0.2 }, seed: 1);
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
