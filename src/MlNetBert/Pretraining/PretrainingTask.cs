using System.Globalization;
using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Pretraining.Clm;
using MlNetBert.Pretraining.Denoising;
using MlNetBert.Pretraining.Mlm;
using MlNetBert.Pretraining.Plm;
using MlNetBert.Pretraining.Rtd;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Pretraining;

/// <summary>
/// What one objective adds to pretraining: its options, the model that it trains, what is learned from a block, and what it is called.
/// Runs, cards, cost estimates, previews, evaluations and the command line ask it and know none of its kind. Immutable and thread-safe.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract class PretrainingTask
{
    private static readonly Registry<PretrainingTask> Registry =
        new("objective", "PretrainingTask.Register", task => task.Name,
            new MlmTask(), new PairedMlmTask(SentencePairTask.NextSentence), new PairedMlmTask(SentencePairTask.SentenceOrder),
            new ClmTask(), new HybridTask(), new RtdTask(), new PlmTask(),
            new DenoisingTask(DenoisingCorruption.SpanCorruption), new DenoisingTask(DenoisingCorruption.TextInfilling));

    /// <summary>Every objective: those of this library, and those that were registered.</summary>
    public static IReadOnlyList<PretrainingTask> All => Registry.All;

    /// <summary>What is trained for unless told otherwise.</summary>
    public static PretrainingTask Default => All[0];

    /// <summary>The name that <c>--objective</c> takes: <c>mlm</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What is trained for, in words. Checkpoints record it, and a run resumes only where it is the same.</summary>
    public abstract string Description { get; }

    /// <summary>Which model of an architecture is trained.</summary>
    public abstract ModelHead Head { get; }

    /// <summary>What model cards say of the model.</summary>
    public abstract PretrainingCardTexts Card { get; }

    /// <summary>The architecture of a new model unless told otherwise.</summary>
    public virtual ModelArchitecture DefaultArchitecture => ModelArchitecture.Default;

    /// <summary>Options of the command line beside those of every objective.</summary>
    public virtual IReadOnlyList<PretrainingArgument> Arguments => [];

    /// <summary>
    /// Whether an example is put together from several documents: blocks then hold one document each, and a corruption reads other blocks
    /// beside its own.
    /// </summary>
    /// <value>By default false.</value>
    public virtual bool CombinesDocuments => false;

    /// <summary>Whether the model writes texts, which begin and end with the tokens that its files name.</summary>
    internal bool WritesTexts => DefaultArchitecture.WritingHeadFrom(Head) is not null;

    /// <summary>What is said where <see cref="GroupingFor"/> changes something.</summary>
    internal string DocumentsApart => $"Blocks hold one document each, which the objective '{Name}' needs.";

    /// <summary>Whether a model with the head is taken for one of this objective where its files say nothing else.</summary>
    internal virtual bool IsKnownByItsHead => All.FirstOrDefault(known => known.Head == Head) == this;

    /// <summary>How many places before its own a model that <see cref="Serves"/> accepts predicts a masked token; null where it does not
    /// fill masks as a causal model.</summary>
    internal virtual int? MaskShift => null;

    /// <summary>Adds an objective: from then on the command line and evaluations find it by its name.</summary>
    /// <param name="task">The objective.</param>
    /// <exception cref="ArgumentException">There is one of the same name.</exception>
    public static void Register(PretrainingTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        Registry.Add(task, nameof(task));
    }

    /// <summary>The objective of a name.</summary>
    /// <param name="name">The name, such as <c>mlm</c>; case does not matter.</param>
    /// <returns>The objective.</returns>
    /// <exception cref="ArgumentException">There is none of this name; the message lists those there are.</exception>
    public static PretrainingTask Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Registry.Get(name, nameof(name));
    }

    /// <summary>Whether a model has a trained head of this objective, so that its evaluation means something.</summary>
    /// <param name="model">The model.</param>
    /// <returns>Whether it has.</returns>
    public virtual bool Serves(PretrainedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Shared.HasWholeHead && HasHead(model.Network);
    }

    /// <summary>Whether a network has the head that this objective trains, trained or not.</summary>
    /// <param name="network">The network.</param>
    /// <returns>By default whether its class is that of <see cref="Head"/>.</returns>
    public virtual bool HasHead(LanguageModelModule network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return ModelArchitecture.ClassOf(network)?.Head == Head;
    }

    /// <summary>The options with their defaults.</summary>
    /// <returns>New options, whose <see cref="PretrainingOptions.Task"/> is this.</returns>
    public abstract PretrainingOptions CreateOptions();

    /// <summary>The settings of the objective that the weights depend on, for checkpoints and cards.</summary>
    /// <param name="options">The options of a run.</param>
    /// <returns>Names and values; by default none.</returns>
    public virtual IEnumerable<KeyValuePair<string, string>> DescribeSettings(PretrainingOptions options) => [];

    /// <summary>How many of the tokens a head over the vocabulary predicts: memory is estimated by it.</summary>
    /// <param name="options">The options of a run.</param>
    /// <returns>A fraction, 0 to 1. By default 1, every token.</returns>
    public virtual double TargetFraction(PretrainingOptions options) => 1;

    /// <summary>The tokenizer of a run: the given one, with tokens that the objective adds. The ids of its pieces stay.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="vocabularySize">How many ids the model has; null where the model is made for the tokenizer.</param>
    /// <returns>By default the same tokenizer.</returns>
    public virtual SubwordTokenizer TokenizerFor(SubwordTokenizer tokenizer, int? vocabularySize) => tokenizer;

    /// <summary>Rejects a tokenizer that lacks a special token, before texts are tokenized with it. By default none.</summary>
    /// <param name="tokenizer">The tokenizer, as <see cref="TokenizerFor"/> gives it.</param>
    /// <exception cref="InvalidOperationException">It lacks one.</exception>
    public virtual void RequireTokenizer(SubwordTokenizer tokenizer)
    {
    }

    /// <summary>Rejects data that nothing can be learned from or measured on.</summary>
    /// <param name="data">The data.</param>
    /// <param name="what">What it is for, as a sentence begins: "The data to train on".</param>
    /// <exception cref="InvalidDataException">No block has a target. By default every block has.</exception>
    public virtual void RequireTargets(PretrainingData data, string what)
    {
    }

    /// <summary>What of the data is worth a warning before the run. By default nothing.</summary>
    /// <param name="data">The data, which <see cref="RequireTargets"/> accepted.</param>
    /// <returns>A sentence each.</returns>
    public virtual IEnumerable<string> DescribeTrouble(PretrainingData data) => [];

    /// <summary>Rejects a model that this objective cannot measure.</summary>
    /// <param name="model">The model.</param>
    /// <param name="what">What needs the head, as a sentence begins: "An evaluation".</param>
    /// <exception cref="InvalidOperationException">It has no trained head of this objective, or lacks weights below it.</exception>
    public virtual void RequireHead(PretrainedModel model, string what)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!Serves(model.RequireWhole(what)))
        {
            throw new InvalidOperationException(
                $"{what} by the objective '{Name}' needs a model with the head {Head}, but the model ({model.Source}) has "
                    + $"{(model.Head == ModelHead.Encoder ? "no trained head" : $"the head {model.Head}")}. Pretrain the model for it, or "
                    + "name another objective.");
        }
    }

    /// <summary>Makes what a run trains.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="start">The model whose weights are copied: all that its files hold; null for drawn ones.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    /// <returns>By default the architecture's model with <see cref="Head"/>; else a module that holds it beside other models.</returns>
    /// <exception cref="NotSupportedException">The architecture has no such model.</exception>
    public virtual nn.Module CreateModel(ModelConfig config, PretrainedModel? start, long seed)
    {
        using var call = start?.Call();
        var network = ModelArchitecture.Of(config).Create(Head, config, seed);
        try
        {
            start?.Shared.CopyTo(network, outputs: true);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The network that is kept when a run is over: probes see it, the result and the card are of it.</summary>
    /// <param name="model">What <see cref="CreateModel"/> made.</param>
    /// <returns>By default the model itself; else a network in it, of which the run's result is a copy: the whole is disposed of at the end
    /// of the run.</returns>
    public virtual LanguageModelModule NetworkOf(nn.Module model) => (LanguageModelModule)model;

    /// <summary>The model that makes up what the network is trained on, and is saved below it; null where there is none.</summary>
    /// <param name="model">What <see cref="CreateModel"/> made.</param>
    internal virtual MaskedLanguageModel? GeneratorOf(nn.Module model) => null;

    /// <summary>The configuration of that model, which memory is estimated by; null where there is none.</summary>
    /// <param name="config">The network's.</param>
    /// <param name="start">The model to start from; null for new weights.</param>
    internal virtual ModelConfig? GeneratorConfigFor(ModelConfig config, PretrainedModel? start) => null;

    /// <summary>What of a checkpoint that training starts from is worth a warning, beside its head; a sentence each.</summary>
    internal virtual IEnumerable<string> DescribeStart(PretrainedModel start)
    {
        // What the model learns to end texts with would not end what it writes.
        if (WritesTexts && BlockTemplate.EndOf(start.Tokenizer) is { } end
            && start.GenerationFiles is { EndFile: { } file, EndIds: { Count: > 0 } ends } && !ends.Contains(end))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{file} of {start.Source} names {string.Join(", ", ends)} as tokens that end a text (eos_token_id), but documents end ")
                + string.Create(CultureInfo.InvariantCulture,
                    $"with {end} ('{start.Tokenizer.Vocabulary[end]}'): texts that the model writes do not end there. Add it in that ")
                + "file.";
        }
    }

    /// <summary>Refuses a model with fewer positions than corrupted blocks may take.</summary>
    /// <param name="data">The blocks.</param>
    /// <param name="config">The model's configuration.</param>
    /// <exception cref="InvalidOptionsException">There are fewer.</exception>
    internal virtual void RequirePositions(PretrainingData data, ModelConfig config)
    {
    }

    /// <summary>
    /// Whether blocks that another program has stored are corrupted here, by the seed; otherwise they come with their targets
    /// (<see cref="CreateStoredObjective"/>).
    /// </summary>
    internal virtual bool CorruptsStoredBlocks => false;

    /// <summary>Makes what a run trains for or is measured by.</summary>
    /// <param name="model">What <see cref="CreateModel"/> made; where a saved model is measured, its network.</param>
    /// <param name="data">The blocks and how they are used.</param>
    /// <returns>The objective.</returns>
    public abstract Objective CreateObjective(nn.Module model, PretrainingData data);

    /// <summary>Makes the objective of batches that another program has corrupted and stored.</summary>
    /// <param name="network">The model that is measured.</param>
    /// <param name="path">The file.</param>
    /// <param name="precision">The precision of matrix multiplications; null for the network's own.</param>
    /// <returns>The objective; by default null: it has no format for such a file.</returns>
    public virtual Objective? CreateStoredObjective(LanguageModelModule network, string path, ComputePrecision? precision) => null;

    /// <summary>Makes the corruption of the objective, to preview it.</summary>
    /// <param name="data">The blocks and how they are used.</param>
    /// <returns>The corruption; by default null: what the objective does with a block is none.</returns>
    public virtual ICorruption? CreateCorruption(PretrainingData data) => null;

    /// <summary>Makes the model's part of a run's checkpoints.</summary>
    /// <param name="model">What <see cref="CreateModel"/> made.</param>
    /// <param name="tokenizer">The tokenizer that is saved with it.</param>
    /// <returns>By default the Hugging Face directory of <see cref="NetworkOf"/>, where that is the whole of the model.</returns>
    /// <exception cref="NotSupportedException">The model holds more, and this method was not overridden: a resumed run would go on with
    /// other weights.</exception>
    public virtual IModelState CreateState(nn.Module model, SubwordTokenizer tokenizer) =>
        NetworkOf(model) is var network && network == model
            ? new PretrainedModelState(network, tokenizer)
            : throw new NotSupportedException(
                $"The objective '{Name}' trains more than the network that it keeps, and does not say how checkpoints hold the rest: "
                    + $"override {nameof(PretrainingTask)}.{nameof(CreateState)} beside {nameof(NetworkOf)}.");

    /// <summary>Makes the pipeline that an ML.NET zip of a model with this head holds.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="model">The model, which <see cref="Serves"/> accepts; the pipeline shares it.</param>
    /// <returns>A pipeline from a column "Text"; by default null: the zip embeds texts.</returns>
    public virtual ITransformer? CreatePipeline(MLContext ml, PretrainedModel model) => null;

    /// <summary>Whether an architecture has the model that is trained.</summary>
    internal bool IsTrainable(string modelType) =>
        ModelArchitecture.All.Any(architecture => architecture.ModelType == modelType && HasModel(architecture));

    /// <summary>The names of the architectures that have the model that is trained, for messages.</summary>
    internal string TrainableArchitectures =>
        string.Join(", ", ModelArchitecture.All.Where(HasModel).Select(architecture => architecture.ModelType));

    private bool HasModel(ModelArchitecture architecture) => architecture.Has(Head);

    /// <summary>
    /// How documents become blocks of this objective: those of several are not joined where it needs them apart, and where texts are
    /// written, what begins and ends one stands around documents only.
    /// </summary>
    /// <param name="options">How they are to be grouped.</param>
    /// <exception cref="InvalidOptionsException">It asks for joined blocks without special tokens between the documents.</exception>
    internal BlockOptions GroupingFor(BlockOptions options)
    {
        options = options with { TemplateAroundDocuments = WritesTexts };
        if (!CombinesDocuments)
            return options;
        new OptionsValidator()
            .Require(options.Packing != BlockPacking.ConcatenateBlocks, nameof(BlockOptions.Packing), options.Packing,
                $"must be {nameof(BlockPacking.OneDocumentPerBlock)} for the objective '{Name}', which needs documents apart")
            .ThrowIfAny(nameof(BlockOptions));
        return options with { Packing = BlockPacking.OneDocumentPerBlock };
    }

    /// <summary>The objective of a name among some; null where it is none of them.</summary>
    internal static PretrainingTask? Find(IEnumerable<PretrainingTask> tasks, string? name) => Registry.Find(tasks, name);
}
