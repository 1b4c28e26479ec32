using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Masking;
using MlNetBert.Training.Objectives.Mlm;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Pretraining;

/// <summary>Two masked language models learn beside each other, and the first remains: the shape of objectives with a generator.</summary>
internal sealed class TwinTask : PretrainingTask
{
    public static TwinTask Instance { get; } = new();

    public override string Name => "twins";

    public override string Description => "two masked language models";

    public override ModelHead Head => ModelHead.MaskedLanguageModel;

    public override PretrainingCardTexts Card { get; } = new("A twin", "twins", "token", "As any model.");

    public override PretrainingOptions CreateOptions() => new TwinOptions();

    public override IEnumerable<KeyValuePair<string, string>> DescribeSettings(PretrainingOptions options) => [new("weight", ((TwinOptions)options).Weight.ToString(System.Globalization.CultureInfo.InvariantCulture))];

    public override nn.Module CreateModel(ModelConfig config, PretrainedModel? start, long seed) =>
        new Twins((LanguageModelModule)base.CreateModel(config, start, seed), (LanguageModelModule)base.CreateModel(config, null, seed + 1));

    public override LanguageModelModule NetworkOf(nn.Module model) => model is Twins twins ? twins.First : (LanguageModelModule)model;

    public override IModelState CreateState(nn.Module model, SubwordTokenizer tokenizer) => new TwinState((Twins)model, tokenizer);

    public override Objective CreateObjective(nn.Module model, PretrainingData data)
    {
        MlmObjective Of(LanguageModelModule network) => new((MaskedLanguageModel)network, new CorruptedBlocks(data.Blocks, new TokenMasking(data.Tokenizer, data.Seed), data.CorruptionStream), data.Precision);
        return model is Twins twins ? new TwinObjective(twins, Of(twins.First), Of(twins.Second), ((TwinOptions)data.Options).Weight) : Of((LanguageModelModule)model);
    }

    private sealed record TwinOptions : PretrainingOptions
    {
        public double Weight { get; init; } = 0.5;

        protected internal override PretrainingTask Task => Instance;
    }

    private sealed class Twins : nn.Module
    {
        public Twins(LanguageModelModule first, LanguageModelModule second)
            : base("twins")
        {
            (First, Second) = (first, second);
            register_module("first", first);
            register_module("second", second);
        }

        public LanguageModelModule First { get; }

        public LanguageModelModule Second { get; }
    }

    /// <summary>The first in the checkpoint's directory, the second in one below it.</summary>
    private sealed class TwinState(Twins twins, SubwordTokenizer tokenizer) : IModelState
    {
        private readonly PretrainedModelState _first = new(twins.First, tokenizer);
        private readonly PretrainedModelState _second = new(twins.Second, tokenizer);

        public IModelSnapshot Snapshot() => new TwinSnapshot(_first.Snapshot(), _second.Snapshot());

        public void Load(string directory)
        {
            _first.Load(directory);
            _second.Load(Path.Combine(directory, "second"));
        }
    }

    private sealed class TwinSnapshot(IModelSnapshot first, IModelSnapshot second) : IModelSnapshot
    {
        public void WriteTo(string directory)
        {
            first.WriteTo(directory);
            second.WriteTo(Directory.CreateDirectory(Path.Combine(directory, "second")).FullName);
        }

        public void Dispose()
        {
            first.Dispose();
            second.Dispose();
        }
    }

    private sealed class TwinObjective(Twins model, MlmObjective first, MlmObjective second, double weight) : Objective
    {
        public override nn.Module Model => model;

        public override long Count => first.Count;

        public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at)
        {
            var batch = (CorruptedBatch)first.Prepare(examples, at);
            return new CorruptedBatch
            {
                Examples = batch.Examples,
                InputIds = batch.InputIds,
                Rows = batch.Rows,
                Length = batch.Length,
                Lengths = batch.Lengths,
                Positions = batch.Positions,
                Labels = batch.Labels,
                TargetCounts = [batch.Labels.Length, batch.Labels.Length],
                Tokens = batch.Tokens,
            };
        }

        public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed) =>
        [
            first.ComputeLosses(batch, dropoutSeed)[0] with { Name = "first" },
            second.ComputeLosses(batch, dropoutSeed + 1)[0] with { Name = "second", Weight = weight },
        ];
    }
}
