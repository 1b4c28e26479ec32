using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Objectives;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Pretraining;

/// <summary>
/// A masked language model is trained beside a plain head that shares its embeddings, and a parameter of the whole. Counts the objectives
/// that are not disposed of.
/// </summary>
internal sealed class PartsTask(bool savesAll = true, ModelHead head = ModelHead.MaskedLanguageModel) : PretrainingTask
{
    public override string Name => "parts";

    public override string Description => "a model and parts";

    public override ModelHead Head => head;

    public override PretrainingCardTexts Card { get; } = new("A model with parts", "parts", "token", "As any model.");

    /// <summary>Objectives that were made.</summary>
    public int Made { get; private set; }

    /// <summary>Those of them that were disposed of.</summary>
    public int DisposedOf { get; private set; }

    /// <summary>What was trained last.</summary>
    public nn.Module? Trained { get; private set; }

    public override PretrainingOptions CreateOptions() => new PartsOptions(this);

    public override nn.Module CreateModel(ModelConfig config, PretrainedModel? start, long seed) => Trained = new Whole((LanguageModelModule)base.CreateModel(config, start, seed));

    public override LanguageModelModule NetworkOf(nn.Module model) => model is Whole whole ? whole.Network : (LanguageModelModule)model;

    /// <summary>The rest is not trained far enough to matter.</summary>
    public override IModelState CreateState(nn.Module model, SubwordTokenizer tokenizer) =>
        savesAll ? new PretrainedModelState(NetworkOf(model), tokenizer) : base.CreateState(model, tokenizer);

    public override Objective CreateObjective(nn.Module model, PretrainingData data)
    {
        Made++;
        return new PartsObjective(this, model, Default.CreateObjective(NetworkOf(model), data with { Options = new MlmOptions() }));
    }

    private sealed record PartsOptions(PartsTask Own) : PretrainingOptions
    {
        protected internal override PretrainingTask Task => Own;
    }

    internal sealed class Whole : nn.Module
    {
        public Whole(LanguageModelModule network)
            : base("whole")
        {
            Network = network;
            Rest = new Rest(network.parameters().First());
            Scale = new Parameter(ones(1));
            register_module("network", network);
            register_module("rest", Rest);
            register_parameter("scale", Scale);
        }

        public LanguageModelModule Network { get; }

        public Rest Rest { get; }

        public Parameter Scale { get; }
    }

    internal sealed class Rest : nn.Module
    {
        public Rest(Parameter embeddings)
            : base("rest")
        {
            Own = new Parameter(ones(4, 4));
            register_parameter("embeddings", embeddings);
            register_parameter("own", Own);
            register_buffer("seen", zeros(1));
        }

        public Parameter Own { get; }
    }

    private sealed class PartsObjective(PartsTask task, nn.Module model, Objective inner) : Objective, IDisposable
    {
        public override nn.Module Model => model;

        public override long Count => inner.Count;

        public override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at) => inner.Prepare(examples, at);

        public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
        {
            var term = inner.ComputeLosses(batch, dropoutSeed)[0];
            return [model is Whole whole ? term with { Sum = term.Sum.add(whole.Rest.Own.square().sum().mul(whole.Scale.sum())) } : term];
        }

        public void Dispose() => task.DisposedOf++;
    }
}
