using MlNetBert.Models;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Common;

/// <summary>What every objective promises the loop; a new one inherits these tests.</summary>
public abstract class ObjectiveConformanceTests : IDisposable
{
    private static readonly TrainingPosition Later = new(Epoch: 2, Step: 7, TotalSteps: 20);

    private readonly List<Objective> _created = [];

    /// <summary>An objective of at least 6 examples; the same one every time, its dropout off.</summary>
    protected abstract Objective Create();

    /// <summary>Everything that a batch holds, to compare two by.</summary>
    protected abstract string Describe(TrainingBatch batch);

    [Fact]
    public void Prepare_AgainAndByAnotherObjective_GivesTheSameBatch()
    {
        var (first, second) = (New(), New());
        var expected = Describe(first.Prepare([0, 3, 5], Later));

        first.Prepare([1, 2], default);

        Assert.Equal(expected, Describe(first.Prepare([0, 3, 5], Later)));
        Assert.Equal(expected, Describe(second.Prepare([0, 3, 5], Later)));
    }

    [Fact]
    public async Task Prepare_OnSeveralThreads_GivesTheSameBatches()
    {
        var objective = New();
        var expected = Describe(objective.Prepare([4, 1], Later));

        var batches = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Describe(objective.Prepare([4, 1], Later)), TestContext.Current.CancellationToken)));

        Assert.All(batches, batch => Assert.Equal(expected, batch));
    }

    [Fact]
    public void Prepare_AnyExamples_MakesNoTensorAndCountsEachTerm()
    {
        var objective = New();
        var before = LiveTensors.CountSettled();

        var batches = Enumerable.Range(0, 6).Select(i => objective.Prepare([i], default)).Append(objective.Prepare([0, 1, 2, 3, 4, 5], default)).ToList();

        Assert.Equal(before, Tensor.TotalCount);
        Assert.Single(batches.Select(batch => batch.TargetCounts.Count).Distinct());
        Assert.Equal(batches[6].TargetCounts, batches[0].TargetCounts.Select((_, term) => batches.Take(6).Sum(batch => batch.TargetCounts[term])));
        Assert.Equal(batches[6].Tokens, batches.Take(6).Sum(batch => batch.Tokens));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void ComputeLosses_InMicroBatches_GiveTheGradientsOfTheWhole(int size)
    {
        var objective = New();
        objective.Model.train();
        var counts = objective.Prepare([0, 1, 2, 3, 4, 5], default).TargetCounts;

        var whole = Gradients(objective, 6, counts);
        var parts = Gradients(objective, size, counts);

        Assert.NotEmpty(whole);
        Assert.Contains(whole.Values, gradient => gradient.Any(value => value != 0));
        Assert.All(whole, named => Assert.All(named.Value.Zip(parts[named.Key]), pair => Assert.Equal(pair.First, pair.Second, 2e-5)));
    }

    [Fact]
    public void ComputeLosses_AndEvaluate_LeaveNoTensor()
    {
        var objective = New();
        Once();
        var before = LiveTensors.CountSettled();
        Once();

        Assert.Equal(before, Tensor.TotalCount);

        void Once()
        {
            Gradients(objective, 3, objective.Prepare([0, 1, 2, 3, 4, 5], default).TargetCounts);
            new HeldOutEvaluation(objective, 4).Run(TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Evaluate_AnyBatchSize_GivesTheSameFiguresAndRestoresTheMode(bool training)
    {
        var objective = New();
        objective.Model.train(training);
        var expected = new HeldOutEvaluation(objective, (int)objective.Count).Run(TestContext.Current.CancellationToken);

        var actual = new HeldOutEvaluation(objective, 2).Run(TestContext.Current.CancellationToken);

        Assert.Equal(training, objective.Model.training);
        Assert.True(double.IsFinite(expected.Loss));
        Assert.Equal(expected.Loss, actual.Loss, 1e-5);
        Assert.Equal((expected.Accuracy, expected.TargetCount), (actual.Accuracy, actual.TargetCount));
    }

    [Fact]
    public void EvaluationOrder_OfAll_HasEachExampleOnce()
    {
        var objective = New();

        Assert.Equal(Enumerable.Range(0, (int)objective.Count).Select(i => (long)i), objective.EvaluationOrder.Order());
    }

    public void Dispose()
    {
        foreach (var objective in _created)
        {
            objective.Model.Dispose();
            (objective as IDisposable)?.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private Objective New()
    {
        var objective = Create();
        _created.Add(objective);
        return objective;
    }

    private static Dictionary<string, float[]> Gradients(Objective objective, int size, IReadOnlyList<long> counts)
    {
        using var scope = NewDisposeScope();
        objective.Model.zero_grad();
        for (var first = 0; first < 6; first += size)
        {
            var examples = Enumerable.Range(first, Math.Min(size, 6 - first)).Select(i => (long)i).ToArray();
            var batch = objective.Prepare(examples, default);
            var terms = objective.ComputeLosses(batch, dropoutSeed: 1);
            Assert.Equal(counts.Count, terms.Count);
            var parts = terms.Select((term, i) => (Mean: term.Sum.mul(term.Weight).div(counts[i]), Targets: batch.TargetCounts[i]))
                .Where(part => part.Targets > 0).Select(part => part.Mean).ToList();
            if (parts.Count > 0)
                LanguageModelModule.BackwardThrough(objective.Model, parts.Aggregate((sum, part) => sum.add(part)));
        }

        var gradients = objective.Model.named_parameters().Where(p => p.parameter.grad is not null)
            .ToDictionary(p => p.name, p => p.parameter.grad!.cpu().data<float>().ToArray());
        objective.Model.zero_grad();
        return gradients;
    }
}
