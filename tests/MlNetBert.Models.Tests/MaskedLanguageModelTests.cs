using static TorchSharp.torch;

namespace MlNetBert.Models.Tests;

public sealed class MaskedLanguageModelTests
{
    public static TheoryData<string> Architectures => TestModels.Architectures;

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Forward_AllOnesMaskOrNone_GivesTheSame(string architecture)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Evaluating(architecture);
        var ids = Ids(3, 10);

        Assert.True(model.forward(ids, ones_like(ids)).equal(model.forward(ids)).all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Forward_PaddedOrAlone_GivesTheSameAtEveryToken(string architecture)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Evaluating(architecture);
        var alone = Ids(1, 7);
        var padded = cat([alone, zeros(1, 9, ScalarType.Int64)], 1);
        var mask = cat([ones(1, 7, ScalarType.Int64), zeros(1, 9, ScalarType.Int64)], 1);

        var difference = model.forward(padded, mask).narrow(1, 0, 7).sub(model.forward(alone)).abs().max().item<float>();

        Assert.True(difference < 1e-5, $"{difference}");
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void LossSum_SomeLabelsIgnored_IsTheSumOverTheOthers(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = Evaluating(architecture);
        var hidden = randn(5, model.Config.HiddenSize);
        var labels = tensor(new[] { 7L, Losses.IgnoredLabel, 0, 49, Losses.IgnoredLabel });

        var expected = MaskedLanguageModel.Loss(model.Head.Logits(hidden), labels).item<float>() * 3;

        Assert.Equal(expected, model.Head.LossSum(hidden, labels).item<float>(), 1e-4f);
    }

    [Fact]
    public void LossSum_OtherShapesOrTypes_Throws()
    {
        using var scope = NewDisposeScope();
        using var model = Evaluating("bert");
        var width = model.Config.HiddenSize;

        Assert.Equal("hidden", Assert.Throws<ArgumentException>(() => model.Head.LossSum(zeros(2, 3, width), zeros(2, ScalarType.Int64))).ParamName);
        Assert.Equal("hidden", Assert.Throws<ArgumentException>(() => model.Head.LossSum(zeros(2, width + 1), zeros(2, ScalarType.Int64))).ParamName);
        Assert.Equal("labels", Assert.Throws<ArgumentException>(() => model.Head.LossSum(zeros(2, width), zeros(3, ScalarType.Int64))).ParamName);
        Assert.Equal("labels", Assert.Throws<ArgumentException>(() => model.Head.LossSum(zeros(2, width), zeros(2, ScalarType.Int32))).ParamName);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(-1)]
    public void LossSum_LabelOutsideTheVocabulary_Throws(long label)
    {
        using var scope = NewDisposeScope();
        using var model = Evaluating("bert");

        var thrown = Assert.Throws<ArgumentException>(() => model.Head.LossSum(zeros(2, model.Config.HiddenSize), tensor(new[] { Losses.IgnoredLabel, label })));

        Assert.Contains($"below 50, or -100 where there is nothing to predict, found {label}", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Head_AtChosenPositions_IsTheFullForwardThere(string architecture)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Evaluating(architecture);
        var ids = Ids(2, 8);
        var positions = tensor(new long[] { 1, 5, 9 });

        var chosen = model.Head.Logits(model.Backbone.forward(new(ids)).LastHiddenState.view(-1, 32).index_select(0, positions));

        Assert.Equal([3, 50], chosen.shape);
        Assert.True(chosen.sub(model.forward(ids).view(-1, 50).index_select(0, positions)).abs().max().item<float>() < 1e-5);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Forward_BFloat16_IsNearFloat32WithGradientsInFloat32(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = Evaluating(architecture);
        var ids = Ids(4, 12);
        var exact = Gradients(model, ids);

        model.Precision = ComputePrecision.BFloat16;
        var near = Gradients(model, ids);

        Assert.Equal(ComputePrecision.BFloat16, model.Backbone.Precision);
        Assert.Equal(exact.Loss, near.Loss, 0.02);
        Assert.All(near.Gradients, gradient => Assert.Equal(ScalarType.Float32, gradient.dtype));
        var all = cat([.. exact.Gradients]);
        Assert.True(cat([.. near.Gradients]).sub(all).norm().item<float>() < 0.05 * all.norm().item<float>());
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Training_OneBatch_IsMemorised(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Tiny(architecture);
        var ids = Ids(2, 8);
        using var optimizer = optim.AdamW(model.parameters(), lr: 1e-2);
        var last = double.NaN;
        for (var step = 0; step < 200 && !(last < 0.05); step++)
        {
            using var inner = NewDisposeScope();
            model.SeedDropout(step);
            model.eval();
            foreach (var parameter in model.TrainableParameters())
                parameter.Parameter.grad = null;
            var loss = MaskedLanguageModel.Loss(model.forward(ids), ids);
            loss.backward();
            optimizer.step();
            last = loss.item<float>();
        }

        Assert.True(last < 0.05, $"{last}");
    }

    [Fact]
    public void Forward_DropoutInTraining_DependsOnTheSeedAlone()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = TestModels.Tiny("bert");
        var ids = Ids(2, 8);

        model.SeedDropout(1);
        var (first, second) = (model.forward(ids), model.forward(ids));
        manual_seed(7);
        model.SeedDropout(1);
        var again = model.forward(ids);

        Assert.True(first.equal(again).all().item<bool>());
        Assert.False(first.equal(second).all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Forward_SixteenThreads_GiveWhatOneGives(string architecture)
    {
        using var model = Evaluating(architecture);
        var expected = Run(model, 0);

        var results = new float[16][];
        var threads = Enumerable.Range(0, 16).Select(i => new Thread(() => results[i] = Run(model, 0))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.All(results, result => Assert.Equal(expected, result));

        static float[] Run(VocabularyModel model, int offset)
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            return [.. model.forward(Ids(2, 8 + offset)).data<float>()];
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Forward_WrongInput_SaysWhatWasExpected(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = Evaluating(architecture);

        if (model.Config.MaxLength is not null)
            Assert.Contains("16 positions", Assert.Throws<ArgumentException>(() => model.forward(Ids(1, 17))).Message, StringComparison.Ordinal);
        else
            Assert.Equal([1, 17, 50], model.forward(Ids(1, 17)).shape);
        Assert.Contains("int64", Assert.Throws<ArgumentException>(() => model.forward(ones(1, 4))).Message, StringComparison.Ordinal);
        Assert.Contains("[1, 4]", Assert.Throws<ArgumentException>(() => model.forward(Ids(1, 4), ones(1, 5))).Message, StringComparison.Ordinal);
        Assert.Contains("32", Assert.Throws<ArgumentException>(() => model.Head.Logits(ones(2, 31))).Message, StringComparison.Ordinal);
        if (model.Config.TokenTypeCount == 0)
            Assert.Contains("segments", Assert.Throws<ArgumentException>(() => model.forward(Ids(1, 4), tokenTypeIds: Ids(1, 4))).Message, StringComparison.Ordinal);
    }

    private static (double Loss, List<Tensor> Gradients) Gradients(VocabularyModel model, Tensor ids)
    {
        foreach (var parameter in model.TrainableParameters())
            parameter.Parameter.grad = null;
        var loss = MaskedLanguageModel.Loss(model.forward(ids, tokenTypeIds: model.Config.TokenTypeCount > 1 ? ids.remainder(2) : null), ids);
        loss.backward();
        var (learning, others) = (new List<Tensor>(), new List<string>());
        foreach (var parameter in model.TrainableParameters())
        {
            if (parameter.Parameter.grad is { } gradient)
                learning.Add(gradient.flatten().clone());
            else
                others.Add(parameter.Name);
        }

        // What XLNet's queries start with: a pass over the content has none.
        Assert.Equal(model is PermutationLanguageModel ? ["encoder.queries.weight"] : [], others);
        return (loss.item<float>(), learning);
    }

    private static VocabularyModel Evaluating(string architecture)
    {
        var model = TestModels.Tiny(architecture);
        model.eval();
        return model;
    }

    private static Tensor Ids(long batch, long sequence) => arange(0, batch * sequence, 1, ScalarType.Int64).mul(7).remainder(47).add(3).view(batch, sequence);
}
