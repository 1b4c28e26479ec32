using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Plm;
using MlNetBert.Training.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Objectives.Plm;

public sealed class PlmObjectiveTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Prepare_Blocks_HideEachTargetFromAllButLaterOnes()
    {
        using var model = TinyPlm.Model();
        var blocks = TinyMlm.Blocks(3, padded: 6);
        var batch = (CorruptedBatch)TinyPlm.Objective(model, blocks).Prepare([0, 2], default);
        var block = new int[16];
        var corrupted = new CorruptedBlock();
        TinyPlm.Permutation().Corrupt(block.AsSpan(0, blocks.Read(2, block)), new CorruptionKey(RandomStreams.TrainingCorruption, 0, 2), corrupted);

        Assert.Equal([16, 10], batch.Lengths!);
        for (var from = 0; from < 16; from++)
        {
            for (var to = 0; to < 16; to++)
            {
                var (first, second) = (corrupted.Positions.IndexOf(from), corrupted.Positions.IndexOf(to));
                var isHidden = second >= 0 && !(first >= 0 && corrupted.Ranks[first] > corrupted.Ranks[second]);
                Assert.Equal(isHidden ? 1 : 0, batch.HiddenPairs![256 + (from * 16) + to]);
            }
        }
    }

    [Fact]
    public void ComputeLosses_OfABatch_IsTheSumOfEachRowAloneWithoutItsPadding()
    {
        using var scope = NewDisposeScope();
        using var model = TinyPlm.Model();
        model.eval();
        var objective = TinyPlm.Objective(model, TinyMlm.Blocks(4, padded: 6));
        var batch = (CorruptedBatch)objective.Prepare([0, 1, 3], default);

        double expected = 0;
        for (var row = 0; row < 3; row++)
        {
            var length = batch.Lengths![row];
            var targets = batch.Positions.Select((position, i) => (position, i)).Where(target => target.position / 16 == row).ToList();
            var ids = tensor(batch.InputIds.AsSpan(row * 16, length).ToArray()).to(ScalarType.Int64).unsqueeze(0);
            var hidden = tensor(batch.HiddenPairs!, ScalarType.Byte).view(3, 16, 16)[row, ..length, ..length].unsqueeze(0);
            var places = tensor(targets.Select(target => (long)(target.position % 16)).ToArray()).unsqueeze(0);
            var logits = model.Head.Logits(model.Query(new(ids), new(places, hidden)));
            var labels = tensor(targets.Select(target => (long)batch.Labels[target.i]).ToArray());
            expected += Losses.ClassificationSum(logits, labels).item<float>();
        }

        Assert.Equal(expected, TinyMlm.Loss(objective, batch), 1e-3);
    }

    [Fact]
    public void Run_OfSteps_LearnsTheBlocks()
    {
        using var model = TinyPlm.Model();
        var objective = TinyPlm.Objective(model, TinyMlm.Blocks(8, words: 40));
        var before = LossOf(objective);

        TestRun.Loop(objective, null, new TestOptions { MaxSteps = 60, BatchSize = 8, LearningRate = 1e-2 }, TestRun.Defaults)
            .Run(TestContext.Current.CancellationToken);

        Assert.True(LossOf(objective) < before - 0.5);
    }

    [Fact]
    public void Prepare_StoredPermutations_HasTheirTargetsAndOrder()
    {
        using var model = TinyPlm.Model();

        var batch = new StoredPermutations(File(), model.Config).Prepare([1, 0], default);

        Assert.Equal([7, 4, 9, 4, 8, 4], batch.InputIds);
        Assert.Equal([1, 3, 5], batch.Positions);
        Assert.Equal([11, 12, 13], batch.Labels);
        Assert.Equal(Enumerable.Repeat<byte>(1, 9).Concat(Enumerable.Repeat<byte>(0, 9)), batch.HiddenPairs!);
        Assert.Equal([3], batch.TargetCounts);
        Assert.True(TinyMlm.Loss(new PlmObjective(model, new StoredPermutations(File(), model.Config)), batch) > 0);
    }

    [Theory]
    [InlineData("perm_mask", "0 or 1")]
    [InlineData("target_mapping_positions", "places from 0 to 2")]
    [InlineData("labels", "exactly where")]
    [InlineData("shape", "[2, targets]")]
    [InlineData("none", "has no target")]
    public void Create_StoredPermutationsThatCannotBe_AreRefused(string fault, string expected)
    {
        using var model = TinyPlm.Model();
        var path = File(fault);

        var exception = Assert.Throws<ModelFormatException>(() => new StoredPermutations(path, model.Config));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    private string File(string fault = "")
    {
        var path = _directory.File("blocks.safetensors");
        byte[] hidden = [.. Enumerable.Repeat<byte>(0, 9), .. Enumerable.Repeat<byte>(1, 9)];
        int[] places = [0, 2, 1, -1], labels = [12, 13, 11, -100];
        if (fault == "perm_mask")
            hidden[4] = 2;
        if (fault == "target_mapping_positions")
            places[1] = 3;
        if (fault == "labels")
            labels[3] = 9;
        if (fault == "none")
            (places, labels) = ([-1, -1, -1, -1], [-100, -100, -100, -100]);
        long[] targets = fault == "shape" ? [4, 1] : [2, 2];
        SafetensorsWriter.Write(path,
        [
            TensorData.From<int>("input_ids", SafetensorsDtype.I32, [2, 3], new[] { 4, 8, 4, 7, 4, 9 }),
            TensorData.From<byte>("perm_mask", SafetensorsDtype.U8, [2, 3, 3], hidden),
            TensorData.From<int>("target_mapping_positions", SafetensorsDtype.I32, targets, places),
            TensorData.From<int>("labels", SafetensorsDtype.I32, targets, labels),
        ]);
        return path;
    }

    private static double LossOf(Objective objective) => new HeldOutEvaluation(objective, 4).Run(TestContext.Current.CancellationToken).Loss;
}
