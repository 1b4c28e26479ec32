using System.Globalization;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Plm;
using MlNetBert.Training.Objectives.Rtd;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Loop;

public class MemoryEstimateTests
{
    private const double TargetShare = 0.15;
    private const int Pieces = 8000;
    private const int LongText = 4096;

    /// <summary>Every encoder in both number formats, with activation checkpointing, and some of another size.</summary>
    public static TheoryData<string, string, int, ComputePrecision, bool> Steps =>
    [
        .. from row in OwnArchitectures.Encoders
           from way in new[] { (ComputePrecision.Float32, false), (ComputePrecision.BFloat16, false), (ComputePrecision.Float32, true) }
           select (row.Data, "mini", 32, way.Item1, way.Item2),
        ("modernbert", "small", 16, ComputePrecision.Float32, false),
        ("modernbert", "small", 16, ComputePrecision.Float32, true),
        ("albert", "small", 16, ComputePrecision.Float32, true),
    ];

    [Theory]
    [MemberData(nameof(Steps))]
    [InlineData("openai-gpt", "mini", 32, ComputePrecision.Float32, false, 1)]
    [InlineData("gpt2", "mini", 32, ComputePrecision.Float32, false, 1)]
    [InlineData("gpt2", "mini", 32, ComputePrecision.BFloat16, false, 1)]
    [InlineData("gpt2", "small", 16, ComputePrecision.Float32, true, 1)]
    [InlineData("falcon", "mini", 32, ComputePrecision.Float32, false, 1)]
    [InlineData("falcon", "mini", 32, ComputePrecision.BFloat16, false, 1)]
    [InlineData("llama", "mini", 32, ComputePrecision.Float32, false, 1)]
    [InlineData("llama", "mini", 32, ComputePrecision.BFloat16, false, 1)]
    [InlineData("llama", "small", 16, ComputePrecision.Float32, true, 1)]
    [InlineData("mistral", "mini", 32, ComputePrecision.Float32, false, 1)]
    [InlineData("t5", "mini", 32, ComputePrecision.Float32, false, 0.25)]
    [InlineData("t5", "mini", 32, ComputePrecision.BFloat16, false, 1)]
    [InlineData("t5", "small", 16, ComputePrecision.Float32, true, 1)]
    [InlineData("bart", "mini", 32, ComputePrecision.Float32, false, 0.25)]
    [InlineData("bart", "mini", 32, ComputePrecision.Float32, false, 1)]
    [InlineData("bart", "mini", 32, ComputePrecision.BFloat16, false, 1)]
    [InlineData("bart", "small", 16, ComputePrecision.Float32, true, 1)]
    [InlineData("llama", "tiny", 64, ComputePrecision.Float32, false, 1, 64_000)]
    [InlineData("gpt2", "tiny", 64, ComputePrecision.Float32, false, 1, 64_000)]
    [InlineData("gpt2", "tiny", 64, ComputePrecision.BFloat16, false, 1, 64_000)]
    public void Of_RealStep_IsWithinThirtyPercent(string architecture, string size, int batch, ComputePrecision precision, bool activationCheckpointing, double targetShare = TargetShare, int pieces = Pieces)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peak memory is read from /proc.");
        Assert.SkipUnless(precision == ComputePrecision.Float32 || TrainingDevice.ProcessorMultipliesBFloat16(), "Emulated bfloat16 takes minutes for these steps.");
        var child = ChildProcess.Run(Measure, string.Create(CultureInfo.InvariantCulture, $"{architecture} {size} {batch} {precision} {activationCheckpointing} {targetShare} {pieces}"));
        Assert.True(child.ExitCode == 0, child.Error);
        var measured = double.Parse(child.Result!, CultureInfo.InvariantCulture);

        var estimate = MemoryEstimate.Of(Config(architecture, size, pieces: pieces), 128, targetShare, precision, activationCheckpointing: activationCheckpointing).BytesOf(batch);

        Assert.True(estimate / measured is > 0.7 and < 1.3, $"estimated {estimate / 1e6:0} MB, measured {measured / 1e6:0} MB");
    }

    [Theory]
    [InlineData("modernbert", ComputePrecision.Float32)]
    [InlineData("modernbert", ComputePrecision.BFloat16)]
    [InlineData("electra", ComputePrecision.Float32)]
    [InlineData("bert", ComputePrecision.Float32)]
    public void Of_RealStepOfADetectorAndItsGenerator_IsWithinThirtyPercent(string architecture, ComputePrecision precision)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peak memory is read from /proc.");
        Assert.SkipUnless(precision == ComputePrecision.Float32 || TrainingDevice.ProcessorMultipliesBFloat16(), "Emulated bfloat16 takes minutes for these steps.");
        var child = ChildProcess.Run(MeasureDetector, $"{architecture} {precision}");
        Assert.True(child.ExitCode == 0, child.Error);
        var measured = double.Parse(child.Result!, CultureInfo.InvariantCulture);

        var config = Config(architecture, "mini");
        var estimate = MemoryEstimate.Of(config, 128, TargetShare, precision, generator: ModelArchitecture.Of(config).GeneratorFor(config)).BytesOf(32);

        Assert.True(estimate / measured is > 0.7 and < 1.3, $"estimated {estimate / 1e6:0} MB, measured {measured / 1e6:0} MB");
    }

    [Fact]
    public void Of_ADetectorAndItsGenerator_CountsTheGeneratorsLogits()
    {
        var config = Config("bert", "mini");
        var generator = ModelArchitecture.Of(config).GeneratorFor(config)!;

        var estimate = MemoryEstimate.Of(config, 128, TargetShare, ComputePrecision.Float32, generator: generator);

        Assert.Equal(MemoryEstimate.Of(generator, 128, TargetShare, ComputePrecision.Float32).LogitBytesPerExample, estimate.LogitBytesPerExample);
        Assert.True(estimate.LogitBytesPerExample > 0);
    }

    /// <summary>Each target goes through the layers as a query, too.</summary>
    [Theory]
    [InlineData("mini", 32, ComputePrecision.Float32, false)]
    [InlineData("mini", 32, ComputePrecision.BFloat16, false)]
    [InlineData("small", 16, ComputePrecision.Float32, true)]
    public void Of_RealStepOfQueries_IsWithinThirtyPercent(string size, int batch, ComputePrecision precision, bool activationCheckpointing) =>
        Of_RealStep_IsWithinThirtyPercent("xlnet", size, batch, precision, activationCheckpointing, Permutation.PublishedProbability);

    [Theory]
    [InlineData("t5")]
    [InlineData("xlnet")]
    public void ReadingBytes_OfALongText_AreWithinThirtyPercentOfWhatAPassTakes(string architecture)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Peak memory is read from /proc.");
        var child = ChildProcess.Run(MeasureReading, architecture);
        Assert.True(child.ExitCode == 0, child.Error);
        var measured = double.Parse(child.Result!, CultureInfo.InvariantCulture);

        var bytes = ModelArchitecture.Get(architecture).FootprintOf(Config(architecture, "mini"), LongText, ComputePrecision.Float32).ReadingBytes;

        Assert.True(bytes / measured is > 0.7 and < 1.3, $"estimated {bytes / 1e6:0} MB, measured {measured / 1e6:0} MB");
    }

    [Fact]
    public void Of_MoreOfAnything_TakesMore()
    {
        var config = Config("modernbert", "mini");
        var bytes = MemoryEstimate.Of(config, 128, TargetShare, ComputePrecision.Float32).BytesOf(8);

        Assert.True(MemoryEstimate.Of(config, 256, TargetShare, ComputePrecision.Float32).BytesOf(8) > bytes);
        Assert.True(MemoryEstimate.Of(config, 128, 0.3, ComputePrecision.Float32).BytesOf(8) > bytes);
        Assert.True(MemoryEstimate.Of(config, 128, TargetShare, ComputePrecision.Float32).BytesOf(9) > bytes);
        Assert.True(MemoryEstimate.Of(config, 128, TargetShare, ComputePrecision.Float32, checkpoints: true).BytesOf(8) > bytes);
        Assert.True(MemoryEstimate.Of(config, 128, TargetShare, ComputePrecision.Float32, keepBest: true).BytesOf(8) > bytes);
        Assert.True(MemoryEstimate.Of(config, 128, TargetShare, ComputePrecision.Float32, activationCheckpointing: true).BytesOf(8) < bytes);
        foreach (var larger in new[] { config with { LayerCount = 5 }, config with { HiddenSize = 320 }, config with { IntermediateSize = 1000 }, config with { VocabularySize = 9000 } })
            Assert.True(MemoryEstimate.Of(larger, 128, TargetShare, ComputePrecision.Float32).BytesOf(8) > bytes);
    }

    [Theory]
    [InlineData(1000, 32)]
    [InlineData(420, 32)]
    [InlineData(419, 16)]
    [InlineData(130, 2)]
    [InlineData(110, 1)]
    public void LargestMicroBatch_HalvesUntilItFits(long available, int expected)
    {
        Assert.Equal(expected, new MemoryEstimate(100, 10).LargestMicroBatch(32, available));
    }

    [Theory]
    [InlineData("bert", "mini", 32, 32)]
    [InlineData("modernbert", "mini", 32, 32)]
    [InlineData("bert", "minilm", 32, 32)]
    [InlineData("bert", "minilm", 48, 24)]
    [InlineData("bert", "base", 16, 8)]
    [InlineData("bert", "base", 1, 1)]
    public void ComfortableMicroBatch_LargeModel_IsAPartOfTheBatch(string architecture, string size, int batch, int expected) =>
        Assert.Equal(expected, MemoryEstimate.Of(Config(architecture, size) with { VocabularySize = size == "mini" ? 8_000 : 30_522 }, 128, TargetShare, ComputePrecision.Float32).ComfortableMicroBatch(batch));

    [Fact]
    public void BytesOf_LogitsBeyondASlice_CountASlice()
    {
        var estimate = MemoryEstimate.Of(Config("llama", "tiny", pieces: 64_000), 128, 1, ComputePrecision.Float32);
        var slice = (1 << 28) / (128 * 64_000);

        Assert.Equal(estimate.BytesPerExample * 4.0, estimate.BytesOf(4 * (slice + 1)) - estimate.BytesOf(4 * slice), 10.0);
        Assert.True(estimate.BytesOf(slice) - estimate.BytesOf(slice - 1) > estimate.BytesPerExample + (128 * 64_000 * sizeof(float)));
    }

    [Fact]
    public void LargestMicroBatch_NotEvenOne_SaysWhatIsNeededAndWhatThereIs()
    {
        var exception = Assert.Throws<InsufficientMemoryException>(() => new MemoryEstimate(3_000_000_000, 500_000_000).LargestMicroBatch(32, 3_200_000_000));

        Assert.Contains("3.5 GB", exception.Message, StringComparison.Ordinal);
        Assert.Contains("3.2 GB are available", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_LongBlockOfLocalAttention_CountsTheSquareOfItsLength()
    {
        var estimate = MemoryEstimate.Of(Config("modernbert", "tiny", positions: 100_000), 100_000, TargetShare, ComputePrecision.Float32);

        Assert.True(estimate.FixedBytes > 200_000_000_000, $"{estimate.FixedBytes}");
        var exception = Assert.Throws<InsufficientMemoryException>(() => estimate.LargestMicroBatch(32, 100_000_000_000));
        Assert.Contains("one example of 100000 tokens", exception.Message, StringComparison.Ordinal);
        Assert.Contains("TrainingOptions.MicroBatchSize", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(int.MaxValue, 1000)]
    [InlineData(int.MaxValue, long.MaxValue / 4)]
    [InlineData(int.MaxValue - 1, 0)]
    public void MicroBatches_LargestNumbers_NeverRunOver(int batch, long perExample)
    {
        var estimate = new MemoryEstimate(0, perExample);

        Assert.True(estimate.BytesOf(batch) >= 0);
        Assert.InRange(estimate.ComfortableMicroBatch(batch), 1, batch);
        Assert.InRange(estimate.LargestMicroBatch(batch, long.MaxValue / 2), 1, batch);
    }

    [Fact]
    public void Of_ArchitecturesAndLengths_GrowWithLengthAndNeverRunOver()
    {
        foreach (var architecture in OwnArchitectures.Names.Select(row => row.Data))
        {
            long before = 0;
            for (var length = 3; length <= 1 << 20; length = (length * 3) + 1)
            {
                var bytes = MemoryEstimate.Of(Config(architecture, "large"), length, 1, ComputePrecision.Float32, checkpoints: true, keepBest: true).BytesOf(int.MaxValue);
                Assert.True(bytes >= before, $"{architecture} {length}");
                before = bytes;
            }
        }
    }

    private static ModelConfig Config(string architecture, string size, int positions = 128, int pieces = Pieces) =>
        ModelArchitecture.Get(architecture).CreateConfig(ModelSize.Parse(size), pieces, positions, new ModelTokenIds(0, 2, 3));

    private sealed class TokensToPredict(VocabularyModel model, IBatchSource<CorruptedBatch> batches)
        : VocabularyObjective(model, model.Head, "tokens", batches, precision: null);

    /// <summary>Blocks whose beginnings are the targets.</summary>
    private sealed class BlocksToRepeat(SequenceToSequenceModel model, IBatchSource<CorruptedBatch> batches, int length) : Objective
    {
        public override TorchSharp.torch.nn.Module Model => model;

        public override long Count => batches.Count;

        public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at) => batches.Prepare(examples, at);

        public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
        {
            model.SeedDropout(dropoutSeed);
            using var scope = TorchSharp.torch.NewDisposeScope();
            var blocks = (CorruptedBatch)batch;
            var ids = TorchSharp.torch.tensor(blocks.InputIds.Select(id => (long)id).ToArray()).view(blocks.Rows, blocks.Length);
            return [new("tokens", model.LossSum(new(ids), ids.narrow(1, 0, length)).Sum.MoveToOuterDisposeScope())];
        }
    }

    /// <summary>The child: peak memory of three steps beyond what the process held before the model.</summary>
    private static string Measure(string argument)
    {
        var words = argument.Split(' ');
        var pieces = int.Parse(words[6], CultureInfo.InvariantCulture);
        var blocks = TinyMlm.Blocks(64, 128, pieces - TinyMlm.FirstWord);
        var masking = TinyMlm.Masking(pieces - TinyMlm.FirstWord, double.Parse(words[5], CultureInfo.InvariantCulture));
        return PeakOf(int.Parse(words[2], CultureInfo.InvariantCulture), () =>
        {
            var architecture = ModelArchitecture.Get(words[0]);
            var model = architecture.Create(architecture.VocabularyHead, Config(words[0], words[1], pieces: pieces), 1);
            model.Precision = Enum.Parse<ComputePrecision>(words[3]);
            model.ActivationCheckpointing = bool.Parse(words[4]);
            var batches = new CorruptedBlocks(blocks, masking, RandomStreams.TrainingCorruption);
            return model switch
            {
                SequenceToSequenceModel ofTwoStacks =>
                    new BlocksToRepeat(ofTwoStacks, batches, (int)(128 * double.Parse(words[5], CultureInfo.InvariantCulture))),
                PermutationLanguageModel permuted =>
                    new PlmObjective(permuted, new CorruptedBlocks(blocks, TinyPlm.Permutation(pieces - TinyMlm.FirstWord))),
                _ => new TokensToPredict((VocabularyModel)model, batches),
            };
        });
    }

    /// <summary>The child of two models.</summary>
    private static string MeasureDetector(string argument)
    {
        var words = argument.Split(' ');
        var blocks = TinyMlm.Blocks(64, 128, Pieces - TinyMlm.FirstWord);
        var masking = TinyMlm.Masking(Pieces - TinyMlm.FirstWord, TargetShare);
        return PeakOf(batch: 32, () =>
        {
            var models = TinyRtd.Models(Config(words[0], "mini"));
            models.Discriminator.Precision = models.Generator.Precision = Enum.Parse<ComputePrecision>(words[1]);
            return new RtdObjective(models, new CorruptedBlocks(blocks, masking), 11, RandomStreams.TrainingCorruption);
        });
    }

    /// <summary>The child that reads a text without training.</summary>
    private static string MeasureReading(string architecture)
    {
        using var model = ModelArchitecture.Get(architecture).Create(ModelHead.Encoder, Config(architecture, "mini"), 1);
        model.eval();
        model.PrepareForInference();
        using var guard = TorchSharp.torch.no_grad();
        using var scope = TorchSharp.torch.NewDisposeScope();
        return PeakOf(() => model.Backbone.forward(new(TorchSharp.torch.ones(1, LongText, TorchSharp.torch.ScalarType.Int64))));
    }

    private static string PeakOf(int batch, Func<Objective> create) => PeakOf(() =>
    {
        var objective = create();
        using var model = objective.Model;
        TestRun.Loop(objective, null, new TestOptions { MaxSteps = 3, BatchSize = batch }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);
    });

    private static string PeakOf(Action act)
    {
        using (var warm = TorchSharp.torch.rand(64, 64))
            warm.mm(warm).Dispose();
        GC.Collect();
        var before = ProcessStatus.Kilobytes("VmRSS");
        File.WriteAllText("/proc/self/clear_refs", "5"); // the peak begins anew
        act();
        return (1024 * (ProcessStatus.Kilobytes("VmHWM") - before)).ToString(CultureInfo.InvariantCulture);
    }
}
