using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Embeddings;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Training.Metrics;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Pretraining;

public class ProbeTests
{
    private readonly MLContext _ml = new(seed: 4);

    [Fact]
    public void Fit_WithAndWithoutAProbe_GivesTheSameWeightsBitForBit()
    {
        var plain = Fit(Tiny.Options(steps: 6, evaluationShare: 0.2));
        var probed = Fit(Tiny.Options(steps: 6, evaluationShare: 0.2) with { Probes = [Animals()], ProbeEveryNSteps = 2 });

        Assert.Equal(Tiny.Weights(plain), Tiny.Weights(probed));
        Assert.Equal(
            plain.LastTransformer.History.Select(r => (r.Step, r.TrainingLoss, r.EvaluationLoss)),
            probed.LastTransformer.History.Where(r => r.Probe is null).Select(r => (r.Step, r.TrainingLoss, r.EvaluationLoss)));
    }

    [Fact]
    public void Fit_WithProbes_PutsTheirFiguresBesideTheLoss()
    {
        var events = new List<TrainingProgress>();
        var other = new WatchingProbe();
        var fitted = Fit(Tiny.Options(steps: 7) with { Probes = [Animals(), other], ProbeEveryNSteps = 3, Progress = new Listener(events.Add) });

        Assert.Equal([0L, 0, 3, 3, 6, 6, 7, 7], events.Where(e => e.Kind == TrainingProgressKind.Probe).Select(e => e.Step));
        var rows = fitted.LastTransformer.History.Where(r => r.Probe == "Animal").ToList();
        Assert.Equal([0L, 3, 6, 7], rows.Select(r => r.Step));
        Assert.All(rows, r => Assert.InRange(r.ProbeAccuracy!.Value, 0, 1));
        Assert.Equal(["watching", "watching", "watching", "watching"], fitted.LastTransformer.History.Select(r => r.Probe).Where(name => name == "watching"));
        Assert.Equal(4, other.Prepared > 0 ? other.Measured : 0);
        var frame = fitted.LastTransformer.History.ToDataFrame();
        Assert.Equal(8, frame["ProbeAccuracy"].Length - frame["ProbeAccuracy"].NullCount);
        Assert.Contains("Animal", frame["Probe"].Cast<string>());
        Assert.Contains("\"probe\":\"Animal\",\"probe_accuracy\":", MetricsFile.Format(events.First(e => e.Probe is not null)), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithAProbeAndNoInterval_ProbesWhenAnEvaluationIsDue()
    {
        var fitted = Fit(Tiny.Options(steps: 4, evaluationShare: 0.2) with { Probes = [Animals()], EvaluateEveryNSteps = 2 });

        var history = fitted.LastTransformer.History;
        Assert.Equal([0L, 2, 4], history.Where(r => r.Probe is not null).Select(r => r.Step));
        Assert.Equal([2L, 4], history.Where(r => r.EvaluationLoss is not null).Select(r => r.Step));
        Assert.Equal(4, history.LastEvaluation!.Step);
    }

    [Fact]
    public void Use_OfALentModelWhoseWeightsChangeBetween_SeesTheNewOnes()
    {
        using var other = PretrainedModel.Create(Tiny.Config, Tiny.Tokenizer, seed: 2); // what the tokenizer comes from is trained here
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var network = (MaskedLanguageModel)ModelArchitecture.Of(Tiny.Config).Create(ModelHead.MaskedLanguageModel, Tiny.Config, seed: 1);
        var lent = new LentModel(network, Tiny.Tokenizer);
        var first = lent.Use(Embed);

        Weights.Copy(other.Network, network);
        var second = lent.Use(Embed);
        using var returned = new PretrainedModel(new SharedModel(network, Tiny.Tokenizer, "a test"));

        Assert.NotEqual(first, second);
        Assert.All(Embed(other).Zip(second), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.All(Embed(other).Zip(Embed(returned)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

        static float[] Embed(PretrainedModel model) => new TextEmbedder(model).Embed(["the cat sits"])[0];
    }

    [Fact]
    public void SaveAndLoad_OfAProbedModel_KeepItsFigures()
    {
        using var directory = new TemporaryDirectory();
        var fitted = Fit(Tiny.Options(steps: 2) with { Probes = [Animals()] });
        _ml.Model.Save(fitted, null, directory.File("m.zip"));

        using var loaded = (TransformerChain<ITransformer>)_ml.Model.Load(directory.File("m.zip"), out _);

        Assert.Equal(fitted.LastTransformer.History, ((FillMaskTransformer)loaded.LastTransformer).History);
    }

    [Fact]
    public void Fit_Resumed_TakesEachFigureOnce()
    {
        using var directory = new TemporaryDirectory();
        MlmOptions Options(long steps, bool resume) => Tiny.Options(steps) with
        {
            Probes = [Animals()],
            ProbeEveryNSteps = 2,
            CheckpointDirectory = directory.File("checkpoints"),
            Resume = resume,
            AllowChangesOnResume = true,
            Progress = new MetricsFile(directory.File("metrics.jsonl")),
        };
        Fit(Options(4, resume: false));

        var fitted = Fit(Options(8, resume: true));

        Assert.Equal([0L, 2, 4, 6, 8], fitted.LastTransformer.History.Where(r => r.Probe is not null).Select(r => r.Step));
        Assert.Equal(5, File.ReadLines(directory.File("metrics.jsonl")).Count(line => line.Contains("probe_accuracy", StringComparison.Ordinal)));
    }

    [Fact]
    public void Measure_OfAModelThatHasLearnt_BeatsChanceAndRepeatsItself()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var probe = Animals();
        probe.Prepare();

        var accuracy = probe.Measure(model, CancellationToken.None);

        Assert.True(accuracy > 2.0 / 6, $"{accuracy}");
        Assert.Equal(accuracy, probe.Measure(model, CancellationToken.None));
        Assert.Equal(accuracy, Animals().Measure(model, CancellationToken.None));
        var before = LiveTensors.CountSettled();
        probe.Measure(model, CancellationToken.None);
        Assert.Equal(before, Tensor.TotalCount);
        Assert.Throws<OperationCanceledException>(() => probe.Measure(model, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Measure_DuringTraining_GetsTheModelWithoutDropoutForTheCallOnly()
    {
        PretrainedModel? seen = null;
        var probe = new WatchingProbe(model =>
        {
            seen = model;
            Assert.False(model.Network.training);
            Assert.Equal(ModelHead.MaskedLanguageModel, model.Head);
        });

        Fit(Tiny.Options(steps: 2) with { Probes = [probe] });

        Assert.Throws<ObjectDisposedException>(() => seen!.Tokenizer);
    }

    [Fact]
    public void Labels_OfAnyKeyAbleType_AreTaken()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Key", "Animal").Fit(Labeled()).Transform(Labeled());

        var expected = Animals().Measure(model, CancellationToken.None);

        Assert.Equal(expected, new ClassificationProbe(keyed, "Text", "Key").Measure(model, CancellationToken.None));
        Assert.Equal(expected, new ClassificationProbe(keyed, "Text", "Number").Measure(model, CancellationToken.None));
        Assert.InRange(new ClassificationProbe(keyed, "Text", "Sits").Measure(model, CancellationToken.None), 0.5, 1);
    }

    [Fact]
    public void Fit_WithBadProbeRows_IsRefusedBeforeTraining()
    {
        var steps = 0;
        InvalidDataException Refused(string label) => Assert.Throws<InvalidDataException>(
            () => Fit(Tiny.Options() with { Probes = [new ClassificationProbe(Labeled(copies: 1), "Text", label)], Progress = new Listener(_ => steps++) }));

        Assert.Contains("two classes", Refused("Constant").Message, StringComparison.Ordinal);
        Assert.Contains("found 0", Refused("Missing").Message, StringComparison.Ordinal);
        Assert.Contains("'Text'", Refused("Text").Message, StringComparison.Ordinal);
        Assert.Equal(0, steps);
        Assert.Throws<InvalidOptionsException>(() => Fit(Tiny.Options() with
        {
            Probes = [new ClassificationProbe(Labeled(), "Text", "Animal", new ClassificationProbeOptions { Embedding = new EmbeddingOptions { MaxLength = 1000 } })],
        }));
    }

    [Fact]
    public void ClassificationProbe_WithAMissingColumnOrBadOptions_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassificationProbe(Labeled(), "Nothing", "Animal"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassificationProbe(Labeled(), "Number", "Animal"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassificationProbe(Labeled(), "Text", "Nothing"));
        Assert.Equal(2, Assert.Throws<InvalidOptionsException>(() => new ClassificationProbe(Labeled(), "Text", "Animal", new ClassificationProbeOptions { TestFraction = 1, Name = " " })).Errors.Count);
    }

    [Fact]
    public void MlmOptions_WithProbesThatCannotBe_NamesTheFaults()
    {
        var twice = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", Tiny.Options() with { Probes = [Animals(), Animals()], ProbeEveryNSteps = 0 }));
        var without = Assert.Throws<InvalidOptionsException>(() => _ml.Transforms.Text.PretrainMlm("P", "Tokens", Tiny.Options() with { ProbeEveryNSteps = 5 }));

        Assert.Equal(2, twice.Errors.Count);
        Assert.Contains("needs Probes", without.Message, StringComparison.Ordinal);
    }

    private TransformerChain<FillMaskTransformer> Fit(MlmOptions options) =>
        Tiny.Tokens(_ml).Append(Tiny.Group(_ml)).Append(_ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options)).Fit(SmallCorpus.Load(_ml));

    private ClassificationProbe Animals() => new(Labeled(), "Text", "Animal");

    // Each sentence three times: held out of a cross product, one would be told from the others of its row, which are all of other classes.
    private IDataView Labeled(int copies = 3) => _ml.Data.LoadFromEnumerable(Enumerable.Repeat(SmallCorpus.Sentences, copies).SelectMany(s => s).Select(s => new LabeledRow
    {
        Text = s,
        Animal = s.Split(' ')[1],
        Number = s.Split(' ')[1].Sum(c => c),
        Sits = s.Contains("sits", StringComparison.Ordinal),
    }));

    private sealed class LabeledRow
    {
        public string Text { get; set; } = "";

        public string Animal { get; set; } = "";

        public float Number { get; set; }

        public bool Sits { get; set; }

        public string Constant { get; set; } = "same";

        public float Missing { get; set; } = float.NaN;
    }
}
