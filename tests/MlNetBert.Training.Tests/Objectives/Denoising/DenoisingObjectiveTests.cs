using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Denoising;
using MlNetBert.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Objectives.Denoising;

public class DenoisingObjectiveTests
{
    [Theory]
    [InlineData("t5")]
    [InlineData("bart")]
    public void Prepare_Blocks_IsWhatTheCorruptionGivesAndTheTargetOnePlaceOn(string architecture)
    {
        using var model = TinyDenoising.Model(architecture);
        var blocks = TinyMlm.Blocks(3, padded: 6);

        var batch = (CorruptedBatch)TinyDenoising.Objective(model, blocks).Prepare([2, 0], new TrainingPosition { Epoch = 1 });

        var targets = new List<int>();
        long tokens = 0;
        foreach (var (row, number) in new long[] { 2, 0 }.Index())
        {
            var ids = new int[16];
            var corrupted = new CorruptedBlock();
            TinyDenoising.Corruption(architecture).Corrupt(ids.AsSpan(0, blocks.Read(number, ids)), new CorruptionKey(RandomStreams.TrainingCorruption, 1, number), corrupted);
            var length = batch.DecoderIds!.Length / 2;
            Assert.Equal(corrupted.Ids, batch.InputIds.Skip(row * batch.Length).Take(batch.Lengths?[row] ?? batch.Length));
            Assert.Equal([model.DecoderStart!.Value, .. corrupted.Labels[..^1]], batch.DecoderIds.Skip(row * length).Take(corrupted.Labels.Count));
            Assert.Equal(corrupted.Labels.Count, batch.DecoderLengths?[row] ?? length);
            Assert.Equal(corrupted.Labels, batch.Positions.Zip(batch.Labels).Where(pair => pair.First / length == row).Select(pair => pair.Second));
            targets.AddRange(corrupted.Labels);
            tokens += corrupted.Ids.Count;
        }

        Assert.Equal(targets, batch.Labels);
        Assert.Equal([targets.Count], batch.TargetCounts);
        Assert.Equal(tokens + targets.Count, batch.Tokens);
    }

    [Theory]
    [InlineData("t5")]
    [InlineData("bart")]
    public void ComputeLosses_OfPaddedBatch_IsTheSumOverTheTargetsAlone(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = TinyDenoising.Model(architecture);
        model.eval();
        var objective = TinyDenoising.Objective(model, TinyMlm.Blocks(3, padded: 6));
        var batch = (CorruptedBatch)objective.Prepare([0, 1, 2], default);

        // The plain way: one row at a time, without padding.
        double expected = 0;
        var length = batch.DecoderIds!.Length / 3;
        for (var row = 0; row < 3; row++)
        {
            var source = Row(batch.InputIds, row * batch.Length, batch.Lengths?[row] ?? batch.Length);
            var labels = batch.Positions.Zip(batch.Labels).Where(pair => pair.First / length == row).Select(pair => (long)pair.Second).ToArray();
            expected += model.LossSum(new ModelInputs(source), tensor(labels).unsqueeze(0)).Sum.ToDouble();
        }

        Assert.Equal(expected, TinyMlm.Loss(objective, batch), 1e-4);
        var evaluated = new HeldOutEvaluation(objective, 2).Run(TestContext.Current.CancellationToken);
        Assert.Equal(expected / batch.Labels.Length, evaluated.Loss, 1e-5);
        Assert.Equal(Math.Exp(evaluated.Loss), evaluated.Perplexity!.Value, 1e-9);
        Assert.Equal(batch.Labels.Length, evaluated.TargetCount);

        static Tensor Row(int[] ids, int start, int length) => tensor(ids.AsSpan(start, length).ToArray()).to(ScalarType.Int64).unsqueeze(0);
    }

    [Theory]
    [InlineData("t5")]
    [InlineData("bart")]
    public void Evaluate_StoredBlocksOfTheReference_GivesPyTorchsLoss(string architecture)
    {
        var directory = SharedFiles.Find("golden", "objectives", $"{architecture}-model");
        var path = SharedFiles.Find("golden", "objectives", $"{architecture}-valid.safetensors");
        var reference = System.Text.Json.JsonElement.Parse(File.ReadAllText(SharedFiles.Find("golden", "objectives", "settings.json")));
        var config = ModelArchitecture.ReadConfig(Path.Combine(directory, ModelFiles.Config));
        using var weights = CheckpointWeights.FromFile(Path.Combine(directory, ModelFiles.Weights));
        using var model = (SequenceToSequenceModel)ModelArchitecture.Of(config).Load(ModelHead.SequenceToSequence, config, weights, out _);
        var objective = new DenoisingObjective(model, new StoredDenoising(path, config, model.DecoderStart!.Value), ComputePrecision.Float32);

        var result = new HeldOutEvaluation(objective, 16).Run(TestContext.Current.CancellationToken);

        Assert.Equal(reference.GetProperty(architecture).GetProperty("loss").GetDouble(), result.Loss, 3e-4);
        Assert.Equal(architecture == "t5" ? 512 * 26 : 512 * 128, result.TargetCount);
    }
}
