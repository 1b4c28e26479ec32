using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests;

public sealed class WeightsTests
{
    /// <summary>Every architecture in every number format, with how far a number is off that is rounded to it: half a unit of its last place, and of the smallest numbers.</summary>
    public static TheoryData<SafetensorsDtype, string, double, double> Roundings =>
    [
        .. from row in OwnArchitectures.Encoders
           from rounding in new[] { (SafetensorsDtype.F16, Math.Pow(2, -11), Math.Pow(2, -25)), (SafetensorsDtype.BF16, Math.Pow(2, -8), 0), (SafetensorsDtype.F32, 0, 0) }
           select (rounding.Item1, row.Data, rounding.Item2, rounding.Item3),
    ];

    [Theory]
    [MemberData(nameof(Roundings))]
    public void Load_SavedInAnotherPrecision_IsRoundedAndNoMore(SafetensorsDtype dtype, string architecture, double relative, double smallest)
    {
        using var guard = no_grad();
        using var model = TestModels.Tiny(architecture);
        using var saved = MemoryWeights.FromTensors(Weights.ToTensors(model, dtype));
        using var again = (VocabularyModel)ModelArchitecture.Get(architecture).Load(ModelArchitecture.Get(architecture).VocabularyHead, model.Config, saved, out var report);

        Assert.True(report.IsComplete);
        Assert.All(saved.Names, name => Assert.Equal(dtype, saved.Describe(name).Dtype));
        foreach (var (one, other) in model.CheckpointWeights().Zip(again.CheckpointWeights()))
            Assert.True(one.Slice().sub(other.Slice()).abs().le(one.Slice().abs().mul(relative).add(smallest)).all().item<bool>(), one.Name);
    }

    [Fact]
    public void Load_OlderNames_AreUnderstood()
    {
        using var model = TestModels.Tiny("bert");
        using var old = Renamed(model, name => name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal),
            Integers("bert.embeddings.position_ids", 16), Copy(model, "cls.predictions.bias", "cls.predictions.decoder.bias"), Copy(model, "bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"));

        using var again = (MaskedLanguageModel)ModelArchitecture.Bert.Load(ModelHead.MaskedLanguageModel, model.Config, old, out var report);

        Assert.True(report.IsComplete);
        Assert.Equal(["bert.embeddings.position_ids", "cls.predictions.decoder.bias", "cls.predictions.decoder.weight"], report.IgnoredKeys);
    }

    [Theory]
    [MemberData(nameof(OwnArchitectures.Encoders), MemberType = typeof(OwnArchitectures))]
    public void Load_EncoderWithoutPrefixIntoAMaskedLanguageModel_ReportsTheHeadAndDrawsIt(string architecture)
    {
        using var model = TestModels.Tiny(architecture, seed: 5);
        var prefix = model.BackbonePrefix;
        var head = model.CheckpointWeights().Select(weight => weight.Name).Where(name => !name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        using var encoder = MemoryWeights.FromTensors(Weights.ToTensors(model.Backbone));

        using var again = (VocabularyModel)ModelArchitecture.Get(architecture).Load(ModelArchitecture.Get(architecture).VocabularyHead, model.Config, encoder, out var report, seed: 5);
        using var alone = (Backbone)ModelArchitecture.Get(architecture).Load(ModelHead.Encoder, model.Config, MemoryWeights.FromTensors(Weights.ToTensors(model)), out var encoderReport);

        Assert.Equal(head, report.MissingKeys);
        Assert.Equal(head.Order(StringComparer.Ordinal), encoderReport.UnexpectedKeys);
        Assert.Empty(encoderReport.MissingInBackbone);
        AssertSameWeights(model, again);
    }

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Load_DecoderOtherThanTheEmbeddings_IsKeptWhateverTheConfigurationSays(string architecture)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var owner = ModelArchitecture.Get(architecture);
        var tied = TestModels.TinyConfig(architecture);
        using var untied = (VocabularyModel)owner.Create(owner.VocabularyHead, tied with { TieWordEmbeddings = false }, 2);
        foreach (var weight in untied.CheckpointWeights().Where(weight => weight.Name.EndsWith("bias", StringComparison.Ordinal)))
            weight.Slice().fill_(0.25);
        untied.eval();
        using var saved = MemoryWeights.FromTensors(Weights.ToTensors(untied));
        using var alone = owner.Create(owner.VocabularyHead, tied, 3);
        var decoder = Assert.Single(alone.Aliases.Tied).Name;

        using var again = (VocabularyModel)owner.Load(owner.VocabularyHead, untied.Config, saved, out var report);
        using var asTied = (VocabularyModel)owner.Load(owner.VocabularyHead, tied, saved, out var tiedReport);
        using var encoder = (Backbone)owner.Load(ModelHead.Encoder, tied, saved, out var encoderReport);

        Assert.True(report.IsComplete);
        Assert.Empty(report.Untied);
        Assert.Contains(decoder, saved.Names);
        Assert.Equal([decoder], tiedReport.Untied);
        Assert.True(tiedReport.IsComplete);
        Assert.False(asTied.Config.TieWordEmbeddings);
        Assert.False(Weights.ConfigOf(asTied).ToJson()["tie_word_embeddings"]!.GetValue<bool>());
        AssertSameWeights(untied, asTied);
        var ids = tensor(new long[] { 6, 7, 8, 9 }).unsqueeze(0);
        Assert.True(untied.forward(ids).equal(asTied.forward(ids)).all().item<bool>());
        Assert.Empty(encoderReport.Contradicting);
        Assert.Contains(decoder, encoderReport.UnexpectedKeys);
        var match = owner.Match(owner.FindClass(untied.ClassName)!, tied, saved);
        Assert.Equal(tiedReport.Untied, match.Untied);
        Assert.True(match.IsComplete);
        // Of a model that was there before, the configuration holds.
        Assert.Equal(alone.Aliases.Tied[0].To, Weights.Load(alone, saved).Contradicting[decoder]);
    }

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Load_TiedMatrixUnderTheDecodersName_IsTheEmbeddings(string architecture)
    {
        using var model = TestModels.Tiny(architecture, seed: 5);
        var (decoder, embeddings, _) = Assert.Single(model.Aliases.Tied);
        using var saved = Renamed(model, name => name == embeddings ? decoder : name);

        using var again = (VocabularyModel)ModelArchitecture.Get(architecture).Load(ModelArchitecture.Get(architecture).VocabularyHead, model.Config, saved, out var report);
        using var encoder = (Backbone)ModelArchitecture.Get(architecture).Load(ModelHead.Encoder, model.Config, saved, out var encoderReport);

        Assert.True(report.IsComplete);
        AssertSameWeights(model, again);
        Assert.Empty(encoderReport.MissingInBackbone);
        AssertSameWeights(model.Backbone, encoder);
        Assert.Throws<ModelFormatException>(() => Verified(model.Config with { TieWordEmbeddings = false, Architectures = [model.ClassName] }, saved));

        static void Verified(ModelConfig config, ICheckpointWeights weights)
        {
            using var reference = MemoryWeights.FromTensors([Integers("input.input_ids", 1)]);
            MlNetBert.Models.Verification.ReferenceVerifier.Verify(config, weights, reference);
        }
    }

    [Theory]
    [InlineData(SafetensorsDtype.F16, SafetensorsDtype.F32)]
    [InlineData(SafetensorsDtype.F32, SafetensorsDtype.F16)]
    [InlineData(SafetensorsDtype.BF16, SafetensorsDtype.F32)]
    [InlineData(SafetensorsDtype.F32, SafetensorsDtype.F32)]
    public void Load_TiedTwinInAnotherFormat_IsComparedByValue(SafetensorsDtype embeddings, SafetensorsDtype decoder)
    {
        const string Embeddings = "bert.embeddings.word_embeddings.weight";
        using var model = TestModels.Tiny("bert", seed: 5);
        TensorData As(SafetensorsDtype dtype, string name) => Rename(Weights.ToTensors(model, dtype).First(tensor => tensor.Name == Embeddings), name);
        using var twins = MemoryWeights.FromTensors(
            Weights.ToTensors(model).Where(tensor => tensor.Name != Embeddings).Append(As(embeddings, Embeddings)).Append(As(decoder, "cls.predictions.decoder.weight")));

        using var again = (MaskedLanguageModel)ModelArchitecture.Bert.Load(ModelHead.MaskedLanguageModel, model.Config, twins, out var report);

        Assert.True(report.IsComplete);
        Assert.Equal(["cls.predictions.decoder.weight"], report.IgnoredKeys);
    }

    [Fact]
    public void Load_SecondNameWithOtherValues_IsReported()
    {
        using var model = TestModels.Tiny("bert");
        var bias = TensorData.From<float>("cls.predictions.decoder.bias", SafetensorsDtype.F32, [50], Enumerable.Repeat(3f, 50).ToArray());
        using var saved = Renamed(model, name => name, bias);

        using var again = (MaskedLanguageModel)ModelArchitecture.Bert.Load(ModelHead.MaskedLanguageModel, model.Config, saved, out var report);

        Assert.Equal("cls.predictions.bias", report.Contradicting["cls.predictions.decoder.bias"]);
        Assert.Empty(report.IgnoredKeys);
        AssertSameWeights(model, again);
    }

    [Fact]
    public void Match_FromNamesAlone_IsWhatALoadReports()
    {
        using var model = TestModels.Tiny("bert");
        using var saved = MemoryWeights.FromTensors(Weights.ToTensors(model).Where(tensor => !tensor.Name.Contains("layer.0.output", StringComparison.Ordinal)));

        using var loaded = (IDisposable)ModelArchitecture.Bert.Load(ModelHead.TokenClassifier, model.Config, saved, out var report);
        var match = ModelArchitecture.Bert.Match(ModelArchitecture.Bert.FindClass("BertForTokenClassification")!, model.Config, saved);

        Assert.Equal(report.MissingKeys, match.MissingKeys);
        Assert.Equal(report.MissingInBackbone, match.MissingInBackbone);
        Assert.Equal(report.UnexpectedKeys, match.UnexpectedKeys);
        Assert.NotEmpty(match.MissingInBackbone);
    }

    [Fact]
    public void Load_WrongShape_NamesTensorAndBothShapes()
    {
        using var model = TestModels.Tiny("bert");
        using var saved = MemoryWeights.FromTensors(Weights.ToTensors(model));

        var exception = Assert.Throws<ModelConfigFormatException>(() => (MaskedLanguageModel)ModelArchitecture.Bert.Load(ModelHead.MaskedLanguageModel, model.Config with { VocabularySize = 60 }, saved, out _));

        Assert.Contains("bert.embeddings.word_embeddings.weight", exception.Message, StringComparison.Ordinal);
        Assert.Contains("[50, 32]", exception.Message, StringComparison.Ordinal);
        Assert.Contains("[60, 32]", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_IntegersOrAnotherModel_IsRefused()
    {
        using var model = TestModels.Tiny("bert");
        using var integers = MemoryWeights.FromTensors([Integers("cls.predictions.bias", 50)]);
        using var other = MemoryWeights.FromTensors([Integers("wte.weight", 50)]);

        Assert.Contains("I64", Assert.Throws<SafetensorsFormatException>(() => Weights.Load(model, integers)).Message, StringComparison.Ordinal);
        Assert.Contains("wte.weight", Assert.Throws<ModelFormatException>(() => Weights.Load(model, other)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Initialize_Seeds_DecideEveryWeightAndNothingElseDoes(string architecture)
    {
        using var guard = no_grad();
        using var first = TestModels.Tiny(architecture, seed: 3);
        manual_seed(99);
        using var again = TestModels.Tiny(architecture, seed: 3);
        using var other = TestModels.Tiny(architecture, seed: 4);

        AssertSameWeights(first, again);
        Assert.All(first.CheckpointWeights().Zip(other.CheckpointWeights()).Where(pair => pair.First.Fill.Deviation > 0), pair => Assert.False(pair.First.Slice().equal(pair.Second.Slice()).all().item<bool>(), pair.First.Name));
    }

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public void Initialize_Distribution_IsWhatTheTableSays(string architecture)
    {
        using var guard = no_grad();
        using var model = ModelArchitecture.Get(architecture).CreateVocabularyModel(ModelArchitecture.Get(architecture).CreateConfig(ModelSize.Tiny, 2000, 64, TestModels.Tokens), 1);
        foreach (var weight in model.CheckpointWeights().Where(weight => weight.Slice().numel() > 10_000))
        {
            var values = weight.Slice();

            // A normal distribution cut at two deviations has 0.8796 of its deviation.
            var expected = weight.Fill.Deviation * (weight.Fill.Kind == WeightFillKind.TruncatedNormal ? 0.8796 : 1);
            Assert.Equal(expected, values.std().item<float>(), expected * 0.05);
            Assert.Equal(0, values.mean().item<float>(), expected * 0.05);
            Assert.True(weight.Fill.Kind == WeightFillKind.Normal || values.abs().max().item<float>() <= 2.001 * weight.Fill.Deviation);
        }

        if (architecture == "bert")
            Assert.Equal(0f, model.CheckpointWeights().First().Slice()[0].abs().max().item<float>());
    }

    private static void AssertSameWeights(LanguageModelModule one, LanguageModelModule other)
    {
        foreach (var (first, second) in one.CheckpointWeights().Zip(other.CheckpointWeights()))
            Assert.Equal(first.Slice().data<float>().ToArray(), second.Slice().data<float>().ToArray());
    }

    private static TensorData Integers(string name, int count) => TensorData.From<long>(name, SafetensorsDtype.I64, [count], Enumerable.Range(0, count).Select(i => (long)i).ToArray());

    private static TensorData Copy(LanguageModelModule model, string name, string newName) => Rename(Weights.ToTensors(model).First(tensor => tensor.Name == name), newName);

    private static TensorData Rename(TensorData tensor, string name) => new(name, tensor.Dtype, tensor.Shape, tensor.WriteTo);

    private static ICheckpointWeights Renamed(LanguageModelModule model, Func<string, string> rename, params TensorData[] more) =>
        MemoryWeights.FromTensors(Weights.ToTensors(model).Select(tensor => Rename(tensor, rename(tensor.Name))).Concat(more));
}
