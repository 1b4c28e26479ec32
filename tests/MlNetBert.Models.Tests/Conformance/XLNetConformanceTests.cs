using MlNetBert.Models.XLNet;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Conformance;

public class XLNetConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.XLNet;

    private XLNetConfig Own => (XLNetConfig)Config with { InitializerRange = 0.3 };

    [Fact]
    public void Query_OfAHiddenPlace_KnowsWhereItIsButNotTheTokenThere()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model(Own);
        var ids = Ids(1, 8);
        var hidden = Hiding(8, [3]);
        var places = Places(3);

        var (before, elsewhere, otherPlace) =
            (Query(model, ids, places, hidden), Query(model, With(ids, 5, 44), places, hidden), Query(model, ids, Places(4), Hiding(8, [4])));

        Assert.True(Same(before, Query(model, With(ids, 3, 44), places, hidden)));
        Assert.False(Same(before, elsewhere));
        Assert.False(Same(before, otherPlace));
    }

    [Fact]
    public void Query_OfAnOrder_SeesTheTokensBeforeItInTheOrderOnly()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model(Own);
        var ids = Ids(1, 8);
        var places = Places(6, 2, 4);
        // First 6, then 2, then 4; the others are seen by all and see none of the three.
        var hidden = Hiding(8, [2, 4, 6]);
        (hidden[0, 2, 6], hidden[0, 4, 6], hidden[0, 4, 2]) = (0, 0, 0);

        var before = Query(model, ids, places, hidden);
        var (first, second, third) =
            (Query(model, With(ids, 6, 44), places, hidden), Query(model, With(ids, 2, 44), places, hidden),
                Query(model, With(ids, 4, 44), places, hidden));

        Assert.Equal([true, false, false], Equal(before, first));
        Assert.Equal([true, true, false], Equal(before, second));
        Assert.Equal([true, true, true], Equal(before, third));

        static bool[] Equal(Tensor one, Tensor other) =>
            [.. Enumerable.Range(0, 3).Select(query => Same(one.select(1, query), other.select(1, query)))];
    }

    [Fact]
    public void Query_OfAPaddedBatch_GivesEachTextWhatItHasAlone()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model(Own);
        var ids = Ids(2, 12);
        var (left, right) = (ones_like(ids), ones_like(ids));
        left[1, ..5] = 0;
        right[1, 7..] = 0;
        var hidden = cat([Hiding(12, [2]), Hiding(12, [7])]);

        var alone = Query(model, ids[1..2, 5..], Places(2), Hiding(7, [2]));
        var behind = Query(model, ids, tensor(new long[,] { { 2 }, { 7 } }), hidden, left);
        var moved = ids.clone();
        moved[1, ..7] = ids[1, 5..];
        var before = Query(model, moved, tensor(new long[,] { { 2 }, { 2 } }), cat([Hiding(12, [2]), Hiding(12, [2])]), right);

        Assert.True(behind[1].sub(alone[0]).abs().max().item<float>() < 1e-5);
        Assert.True(before[1].sub(alone[0]).abs().max().item<float>() < 1e-5);
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, true)]
    public void Backward_OfQueriesWithKernelsOrCheckpointing_GivesTheGradientsOfThePlainPass(bool kernels, bool checkpointing, bool untied)
    {
        using var scope = NewDisposeScope();
        var config = Own with { TieWordEmbeddings = !untied };
        using var plain = Model(config);
        using var other = Model(config);
        (other.TrainsWithKernels, other.ActivationCheckpointing) = (kernels, checkpointing);

        Step(plain);
        Step(other);

        foreach (var (expected, found) in plain.named_parameters().Zip(other.named_parameters()))
        {
            Assert.True(expected.parameter.grad is not null, expected.name);
            var (one, two) = (expected.parameter.grad!, found.parameter.grad!);
            Assert.True(one.sub(two).abs().max().item<float>() <= 1e-4 * Math.Max(1, one.abs().max().item<float>()), expected.name);
        }

        static void Step(PermutationLanguageModel model)
        {
            model.train();
            var ids = Ids(2, 8);
            var types = arange(16, ScalarType.Int64).remainder(3).view(2, 8);
            var hidden = Hiding(8, [2, 5]).expand(2, 8, 8);
            var states = model.Query(new(ids, null, types), new(tensor(new long[,] { { 2, 5 }, { 5, 2 } }), hidden));
            model.Backward(model.Head.LossSum(states.flatten(0, 1), tensor(new long[] { 3, 4, 5, 6 })));
        }
    }

    [Fact]
    public void Query_InTraining_EqualsThatOfAPassThatKeepsAllStates()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model(Own);
        var streams = (TwoStreamBackbone)model.Backbone;
        var places = new QueryPlaces(Places(1, 4), Hiding(6, [1, 4]));

        var (alone, whole) = (streams.ForwardQueries(new(Ids(1, 6)), places), streams.ForwardQueries(new(Ids(1, 6)), places, allHiddenStates: true));

        Assert.Empty(alone.HiddenStates);
        Assert.Equal(2 * (Own.LayerCount + 1), whole.HiddenStates.Count);
        Assert.True(Same(alone.LastHiddenState, whole.LastHiddenState));
        Assert.True(Same(whole.HiddenStates[^1], whole.LastHiddenState));
    }

    [Fact]
    public void ForwardQueries_TensorsThatDoNotFit_AreRefused()
    {
        using var scope = NewDisposeScope();
        using var model = Model(Own);
        var ids = Ids(2, 6);

        Refuses("[2, queries]", new QueryPlaces(Places(1)));
        Refuses("int64", new QueryPlaces(zeros(2, 1)));
        Refuses("within the 6 tokens", new QueryPlaces(tensor(new long[,] { { 1 }, { 6 } })));
        Refuses("[2, 6, 6]", new QueryPlaces(tensor(new long[,] { { 1 }, { 5 } }), zeros(2, 6)));

        void Refuses(string part, QueryPlaces places) => Assert.Contains(
            part, Assert.Throws<ArgumentException>(() => model.Query(new(ids), places)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_OfOneDirection_LaterTokensChangeNothing()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model(Own with { SeesEarlierOnly = true });
        var ids = Ids(1, 8);

        var before = model.forward(ids);
        var later = model.forward(With(ids, 5, 44));

        Assert.True(Same(before[.., ..5], later[.., ..5]));
        Assert.False(Same(before[.., 6], later[.., 6]));
    }

    [Fact]
    public void Query_OfOneDirection_SeesNothingLaterAndAllThatIsEarlier()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model(Own with { SeesEarlierOnly = true });
        var ids = Ids(1, 8);
        var places = new QueryPlaces(tensor(new long[,] { { 0, 4, 7 } }));

        var before = model.Query(new(ids), places);                          // [1, 3, words]
        var later = model.Query(new(With(ids, 5, 44)), places);
        var earlier = model.Query(new(With(ids, 2, 44)), places);

        Assert.True(Same(before[.., ..2], later[.., ..2]));
        Assert.False(Same(before[.., 2], later[.., 2]));
        Assert.True(Same(before[.., 0], earlier[.., 0]));
        Assert.False(Same(before[.., 1], earlier[.., 1]));
    }

    [Fact]
    public void Forward_OfOneDirectionAndOneLength_SeesItselfOnlyAsTransformersDoesWithoutMemory()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model(Own with { SeesEarlierOnly = true, SeesAlikeMany = true });
        var ids = Ids(1, 8);

        var (before, other) = (model.forward(ids), model.forward(With(ids, 2, 44)));

        Assert.True(Same(before[.., 3..], other[.., 3..]));
        Assert.False(Same(before[.., 2], other[.., 2]));
    }

    [Fact]
    public void Forward_FarthestDistance_MakesFurtherOnesAlike()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model(Own with { FarthestDistance = 2, LayerCount = 1 });
        using var exact = Model(Own with { LayerCount = 1 });
        var ids = Ids(1, 8);
        var swapped = ids.clone();
        (swapped[0, 4], swapped[0, 6]) = (ids[0, 6], ids[0, 4]);

        // The first position is four and six tokens away from the two.
        Assert.True(Same(model.forward(ids)[.., 0], model.forward(swapped)[.., 0]));
        Assert.False(Same(exact.forward(ids)[.., 0], exact.forward(swapped)[.., 0]));
    }

    [Fact]
    public void Forward_TokenTypes_MatterByWhetherTheyAreTheSame()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model(Own);
        var ids = Ids(1, 6);
        var pair = tensor(new long[,] { { 0, 0, 0, 1, 1, 2 } });

        var plain = model.forward(ids);

        Assert.True(Same(plain, model.forward(ids, null, full_like(ids, 3))));
        Assert.False(Same(plain, model.forward(ids, null, pair)));
        Assert.True(Same(model.forward(ids, null, pair), model.forward(ids, null, pair.add(7))));
    }

    [Fact]
    public void Forward_OfASequenceOfAnyLength_HasNoLimit()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Model(Own);

        Assert.Null(Config.MaxLength);
        Assert.Equal([1, 200, 50], model.forward(Ids(1, 200)).shape);
        Assert.Equal([1, 1, 50], model.forward(Ids(1, 1)).shape);
    }

    [Fact]
    public void TrainableParameters_BiasesOfAttention_DoNotDecayAndWhatQueriesStartWithIsBelowTheLayers()
    {
        using var model = Model(Own);
        var parameters = model.TrainableParameters();

        Assert.All(
            parameters.Where(parameter => parameter.Name.EndsWith("Bias", StringComparison.Ordinal)),
            parameter => Assert.False(parameter.Decays));
        Assert.Equal(0, parameters.Single(parameter => parameter.Name.Contains("queries", StringComparison.Ordinal)).Level);
    }

    [Theory]
    [InlineData("bi_data", "true")]
    [InlineData("untie_r", "false")]
    [InlineData("attn_type", "\"both\"")]
    [InlineData("summary_type", "\"mean\"")]
    [InlineData("summary_proj_to_labels", "true")]
    [InlineData("d_head", "9")]
    [InlineData("dropout", "1.5")]
    [InlineData("d_model", "31")]
    [InlineData("ff_activation", "\"mish\"")]
    public void Parse_ValueThatIsNotBuiltOrCannotBe_NamesTheKey(string key, string value)
    {
        var json = TestModels.GoldenConfig("xlnet-plm");
        json[key] = System.Text.Json.Nodes.JsonNode.Parse(value);

        Assert.Contains(key, Assert.Throws<ModelConfigFormatException>(() => TestModels.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_NoActivationOfTheSummary_IsKept()
    {
        var json = TestModels.GoldenConfig("xlnet-plm");
        json["summary_activation"] = null;
        var none = (XLNetConfig)TestModels.Parse(json);
        json.Remove("summary_activation");

        Assert.Null(none.SummaryActivation);
        Assert.Null(((XLNetConfig)TestModels.Parse(none.ToJson())).SummaryActivation);
        Assert.Equal(Activation.Tanh, ((XLNetConfig)TestModels.Parse(json)).SummaryActivation);
    }

    private PermutationLanguageModel Model(XLNetConfig config)
    {
        var model = (PermutationLanguageModel)Architecture.Create(ModelHead.PermutationLanguageModel, config, seed: 1);
        model.eval();
        return model;
    }

    private static Tensor Query(PermutationLanguageModel model, Tensor ids, Tensor places, Tensor hidden, Tensor? mask = null) =>
        model.Query(new(ids, mask), new(places, hidden));

    private static Tensor Places(params long[] places) => tensor(places).unsqueeze(0);

    // Nobody sees the tokens at the places.
    private static Tensor Hiding(int length, int[] places)
    {
        var hidden = zeros(1, length, length);
        foreach (var place in places)
            hidden[0, .., place] = 1;
        return hidden;
    }

    private static Tensor With(Tensor ids, int place, long id)
    {
        var changed = ids.clone();
        changed[0, place] = id;
        return changed;
    }

    private static bool Same(Tensor one, Tensor other) => one.allclose(other, 1e-5, 1e-5);
}
