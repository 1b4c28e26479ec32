using MlNetBert.Models;
using MlNetBert.SequenceToSequence;
using MlNetBert.Tests.Support;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Tests.SequenceToSequence;

public sealed class TextToTextObjectiveTests
{
    private static readonly (int[] Prompt, int[] Target)[] Pairs = [([2, 7, 9, 3], [8, 3]), ([2, 5, 3], [11, 12, 6, 3])];

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void ComputeLosses_OfCausalPairs_IsThatOfTheTargetsAlone(double smoothing)
    {
        using var scope = NewDisposeScope();
        var network = (CausalLanguageModel)ModelArchitecture.Llama.Create(ModelHead.CausalLanguageModel, TinyClm.Config, seed: 4);
        network.eval();
        var examples = Examples();
        var objective = new CausalAnswerObjective(network, examples, smoothing, written: null);

        var batch = objective.Prepare([0, 1], default);
        var loss = objective.ComputeLosses(batch, dropoutSeed: 0)[0].Sum.item<float>();

        Assert.Equal([6L], batch.TargetCounts);
        Assert.Equal(Pairs.Sum(pair => ByHand(network, pair.Prompt, pair.Target, smoothing)), loss, 1e-3);
    }

    [Fact]
    public void Result_OfCausalPairs_HasTheLossWithoutSmoothing()
    {
        using var scope = NewDisposeScope();
        var network = (CausalLanguageModel)ModelArchitecture.Llama.Create(ModelHead.CausalLanguageModel, TinyClm.Config, seed: 4);
        var objective = new CausalAnswerObjective(network, Examples(), labelSmoothing: 0.1, written: null);

        var result = new HeldOutEvaluation(objective, batchSize: 1).Run(TestContext.Current.CancellationToken);

        Assert.Equal(Pairs.Sum(pair => ByHand(network, pair.Prompt, pair.Target, smoothing: 0)) / 6, result.Loss, 1e-4);
        Assert.Equal(6, result.TargetCount);
        Assert.Equal(Math.Exp(result.Loss), result.Perplexity!.Value, 1e-6);
    }

    [Theory]
    [InlineData("t5", 0)]
    [InlineData("bart", 0.1)]
    public void ComputeLosses_OfATextToTextModel_IsThatOfTheTargetsAlone(string architecture, double smoothing)
    {
        using var scope = NewDisposeScope();
        var config = ModelArchitecture.Get(architecture).CreateConfig(new ModelSize("least", 1, 32, 2), vocabularySize: 256, maxPositions: 24, new ModelTokenIds(0, 2, 3));
        var network = (SequenceToSequenceModel)ModelArchitecture.Of(config).Create(ModelHead.SequenceToSequence, config, seed: 4);
        network.eval();
        var examples = new SequenceExamples<TargetText>(paddingId: 0);
        foreach (var (prompt, target) in Pairs)
            examples.Add(new EncodedText(prompt), new TargetText(prompt.Length, target, ""));
        var objective = new DecodedAnswerObjective(network, examples, smoothing, written: null);

        var batch = objective.Prepare([0, 1], default);
        var loss = objective.ComputeLosses(batch, dropoutSeed: 0)[0].Sum.item<float>();

        Assert.Equal([6L], batch.TargetCounts);
        Assert.Equal(Pairs.Sum(pair => ByHand(network, pair.Prompt, pair.Target, smoothing)), loss, 1e-3);
    }

    private static double ByHand(SequenceToSequenceModel network, int[] source, int[] target, double smoothing)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        int[] decoded = [network.DecoderStart!.Value, .. target[..^1]];
        var logits = network.forward(new(tensor(source).to(ScalarType.Int64).unsqueeze(0)), tensor(decoded).to(ScalarType.Int64).unsqueeze(0))[0];
        return Smoothed(logits, first: 0, target, smoothing);
    }

    private static SequenceExamples<TargetText> Examples()
    {
        var examples = new SequenceExamples<TargetText>(paddingId: 0);
        foreach (var (prompt, target) in Pairs)
            examples.Add(new EncodedText([.. prompt, .. target]), new TargetText(prompt.Length, target, ""));
        return examples;
    }

    // Token by token, as the text-to-text model's: (1 − s) · −log p(token) + s · mean of −log p over the vocabulary.
    private static double ByHand(CausalLanguageModel network, int[] prompt, int[] target, double smoothing)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        network.eval();
        int[] all = [.. prompt, .. target];
        return Smoothed(network.forward(tensor(all).to(ScalarType.Int64).unsqueeze(0))[0], prompt.Length - 1, target, smoothing);
    }

    private static double Smoothed(Tensor logits, int first, int[] target, double smoothing) => target.Select((id, i) =>
    {
        var scores = logits[first + i].data<float>().ToArray();
        var normalizer = Math.Log(scores.Sum(score => Math.Exp(score)));
        return ((1 - smoothing) * (normalizer - scores[id])) + (smoothing * scores.Average(score => normalizer - score));
    }).Sum();
}
