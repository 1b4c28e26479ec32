using MlNetBert.HuggingFace;
using MlNetBert.Models.Albert;
using MlNetBert.Models.Bart;
using MlNetBert.Models.Bert;
using MlNetBert.Models.Configuration;
using MlNetBert.Models.DebertaV2;
using MlNetBert.Models.DistilBert;
using MlNetBert.Models.Electra;
using MlNetBert.Models.Falcon;
using MlNetBert.Models.Gpt;
using MlNetBert.Models.Llama;
using MlNetBert.Models.ModernBert;
using MlNetBert.Models.MPNet;
using MlNetBert.Models.Roberta;
using MlNetBert.Models.T5;
using MlNetBert.Models.XLNet;

namespace MlNetBert.Models;

/// <summary>
/// An architecture: how its configuration is read and made, and how its models are built. One object each, found by the <c>model_type</c>
/// of config.json. Thread-safe.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract partial class ModelArchitecture
{
    /// <summary>BERT: post-norm, learned positions.</summary>
    public static ModelArchitecture Bert { get; } = new BertArchitecture();

    /// <summary>ModernBERT: pre-norm, rotary positions, gated feed-forward layers.</summary>
    public static ModelArchitecture ModernBert { get; } = new ModernBertArchitecture();

    /// <summary>MPNet: BERT's layers with a bias by distance in attention, positions behind the padding token's id.</summary>
    public static ModelArchitecture MPNet { get; } = new MPNetArchitecture();

    /// <summary>RoBERTa: BERT with positions that are counted behind padding.</summary>
    public static ModelArchitecture Roberta { get; } = new RobertaArchitecture("roberta", "Roberta");

    /// <summary>XLM-RoBERTa: RoBERTa of many languages.</summary>
    public static ModelArchitecture XlmRoberta { get; } = new RobertaArchitecture("xlm-roberta", "XLMRoberta");

    /// <summary>CamemBERT: RoBERTa of French.</summary>
    public static ModelArchitecture Camembert { get; } = new RobertaArchitecture("camembert", "Camembert");

    /// <summary>DeBERTa-v2 and v3: BERT's layers with disentangled attention, which knows distances.</summary>
    public static ModelArchitecture DebertaV2 { get; } = new DebertaV2Architecture();

    /// <summary>DistilBERT: BERT without segments and pooler.</summary>
    public static ModelArchitecture DistilBert { get; } = new DistilBertArchitecture();

    /// <summary>ELECTRA: BERT with embeddings of a width of their own, a generator (masked LM) and a discriminator.</summary>
    public static ModelArchitecture Electra { get; } = new ElectraArchitecture();

    /// <summary>ALBERT: BERT with narrow embeddings and layers that share their weights.</summary>
    public static ModelArchitecture Albert { get; } = new AlbertArchitecture();

    /// <summary>Llama: a decoder with rotary positions, shared keys and values, gated feed-forward layers.</summary>
    public static ModelArchitecture Llama { get; } = new LlamaArchitecture("llama", "Llama");

    /// <summary>Mistral: Llama with a window.</summary>
    public static ModelArchitecture Mistral { get; } = new LlamaArchitecture("mistral", "Mistral");

    /// <summary>GPT: BERT's layers whose positions see earlier ones.</summary>
    public static ModelArchitecture Gpt { get; } = new OpenAIGptArchitecture();

    /// <summary>GPT-2: GPT with the norms before attention and feed-forward layers.</summary>
    public static ModelArchitecture Gpt2 { get; } = new Gpt2Architecture();

    /// <summary>Falcon: attention and feed-forward network beside each other, heads that share keys and values.</summary>
    public static ModelArchitecture Falcon { get; } = new FalconArchitecture();

    /// <summary>XLNet: attention that knows distances, with a second stream that predicts tokens in any order.</summary>
    public static ModelArchitecture XLNet { get; } = new XLNetArchitecture();

    /// <summary>T5: an encoder and a decoder whose attention knows distances, of version 1.0 or 1.1.</summary>
    public static ModelArchitecture T5 { get; } = new T5Architecture();

    /// <summary>BART: an encoder of BERT's layers, and a decoder that attends to it.</summary>
    public static ModelArchitecture Bart { get; } = new BartArchitecture();

    /// <summary>What a new model is of unless told otherwise.</summary>
    public static ModelArchitecture Default => ModernBert;

    /// <summary>What a new causal language model is of unless told otherwise.</summary>
    public static ModelArchitecture DefaultDecoder => Llama;

    /// <summary>What models that learn which sentence follows are made of unless told otherwise.</summary>
    internal static ModelArchitecture DefaultForNextSentence => Bert;

    /// <summary>What models that learn the order of sentences are made of unless told otherwise.</summary>
    internal static ModelArchitecture DefaultForSentenceOrder => Albert;

    /// <summary>What models that predict tokens in any order are made of unless told otherwise.</summary>
    internal static ModelArchitecture DefaultForPermutations => XLNet;

    /// <summary>What models that restore spans are made of unless told otherwise; the objective is called as it.</summary>
    internal static ModelArchitecture DefaultForSpanCorruption => T5;

    /// <summary>What models that restore whole texts are made of unless told otherwise; the objective is called as it.</summary>
    internal static ModelArchitecture DefaultForTextInfilling => Bart;

    private static readonly Registry<ModelArchitecture> Registry =
        new("architecture", "ModelArchitecture.Register", architecture => architecture.ModelType, Bert, ModernBert,
            MPNet, Roberta, XlmRoberta, Camembert, DebertaV2, DistilBert, Electra, Albert,
            Llama, Mistral, Gpt, Gpt2, Falcon, XLNet, T5, Bart);

    /// <summary>Every architecture: those of this library, and those that were registered.</summary>
    public static IReadOnlyList<ModelArchitecture> All => Registry.All;

    /// <summary>The name in config.json.</summary>
    public abstract string ModelType { get; }

    /// <summary>The learning rate that training from scratch starts at unless told otherwise.</summary>
    public abstract double LearningRateFromScratch { get; }

    /// <summary>Adds an architecture: from then on its models are opened, trained and saved as those of this library are.</summary>
    /// <param name="architecture">The architecture. A process registers it before it opens a model of it.</param>
    /// <exception cref="ArgumentException">There is one of the same name.</exception>
    public static void Register(ModelArchitecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        Registry.Add(architecture, nameof(architecture));
    }

    /// <summary>The architecture of a name.</summary>
    /// <param name="modelType">The name, such as <c>bert</c>; case does not matter.</param>
    /// <returns>The architecture.</returns>
    /// <exception cref="ArgumentException">There is none of this name; the message lists those there are.</exception>
    public static ModelArchitecture Get(string modelType)
    {
        ArgumentNullException.ThrowIfNull(modelType);
        return Registry.Get(modelType, nameof(modelType));
    }

    /// <summary>The architecture that a configuration belongs to.</summary>
    /// <param name="config">The configuration.</param>
    /// <returns>The architecture.</returns>
    public static ModelArchitecture Of(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Get(config.ModelType);
    }

    /// <summary>Reads a config.json of any architecture.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ModelConfigFormatException">The file is not JSON, of an unknown architecture, or asks for what is not supported;
    /// the message names the key.</exception>
    public static ModelConfig ReadConfig(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ReadConfig(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads the bytes of a config.json of any architecture.</summary>
    /// <param name="utf8Json">The file's bytes.</param>
    /// <param name="file">What messages call the file.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ModelConfigFormatException">As <see cref="ReadConfig(string)"/>.</exception>
    public static ModelConfig ReadConfig(ReadOnlyMemory<byte> utf8Json, string file)
    {
        var reader = new ConfigReader(ConfigReader.Open(utf8Json, file), file);
        var modelType = reader.Text("model_type")
            ?? throw new ModelConfigFormatException(file, $"the key 'model_type' is missing; {Registry.Known}.");
        var architecture = Registry.Find(modelType)
            ?? throw new ModelConfigFormatException(file, $"'model_type' is '{modelType}', which is not supported; {Registry.Known}.");
        return reader.Complete(architecture.ParseConfig(reader));
    }

    /// <summary>A configuration of a preset size.</summary>
    /// <param name="size">The size.</param>
    /// <param name="vocabularySize">The number of token ids.</param>
    /// <param name="maxPositions">The longest sequence in tokens.</param>
    /// <param name="tokens">The ids of the special tokens.</param>
    /// <returns>The configuration.</returns>
    public abstract ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens);

    /// <summary>
    /// Reads what this architecture has of its own. What all have in common and are written alike (labels, <c>architectures</c>, number
    /// format, <c>initializer_range</c>, <c>tie_word_embeddings</c>), and the keys that nobody knows, are added to it.
    /// </summary>
    /// <param name="reader">Reads config.json.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ModelConfigFormatException">A key is missing, malformed or asks for what is not supported.</exception>
    protected internal abstract ModelConfig ParseConfig(ConfigReader reader);

    /// <summary>What a model of this architecture takes of memory in training.</summary>
    /// <param name="config">A configuration of this architecture.</param>
    /// <param name="sequence">Tokens of a sequence.</param>
    /// <param name="precision">The number format of matrix products.</param>
    /// <returns>The footprint on a processor.</returns>
    public abstract ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision);

    /// <summary>
    /// The configuration of the masked language model that makes up replacements for a <see cref="ModelHead.ReplacedTokenDetector"/>.
    /// </summary>
    /// <param name="config">The detector's configuration, one of this architecture.</param>
    /// <returns>The configuration, with embeddings of the same shape; null where the architecture has no such pair of models.</returns>
    protected internal virtual ModelConfig? GeneratorFor(ModelConfig config) => null;

    /// <summary>Builds a model with drawn weights.</summary>
    /// <param name="head">Which model.</param>
    /// <param name="config">A configuration of this architecture.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    /// <returns>The model, in training mode as every new module.</returns>
    /// <exception cref="InvalidOptionsException">The configuration's values do not fit together; every fault is listed.</exception>
    /// <exception cref="NotSupportedException">The architecture has no such model.</exception>
    public LanguageModelModule Create(ModelHead head, ModelConfig config, long seed)
    {
        var model = ClassWith(head).Build(Checked(config));
        model.Initialize(seed);
        return model;
    }

    /// <summary>Builds a model with the weights of another of its class.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The copy, on the processor and in evaluation mode.</returns>
    public static LanguageModelModule CopyOf(LanguageModelModule model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var copy = ClassOf(model)!.Build(model.Config);
        Weights.Copy(model, copy);
        copy.eval();
        return copy;
    }

    /// <summary>The class of a name of config.json's <c>architectures</c>.</summary>
    /// <param name="className">The name, such as <c>BertForMaskedLM</c>.</param>
    /// <returns>The class; null where this architecture has none of that name.</returns>
    public virtual ModelClass? FindClass(string className) =>
        Classes.FirstOrDefault(entry => string.Equals(entry.Name, className, StringComparison.Ordinal));

    /// <summary>The class of a model; null where its architecture has none of that name.</summary>
    internal static ModelClass? ClassOf(LanguageModelModule model) => Of(model.Config).FindClass(model.ClassName);

    /// <summary>A model as small as can be, whose weights have the same names and are not set.</summary>
    internal LanguageModelModule CreateSkeleton(ModelHead head, ModelConfig config) => ClassWith(head).Build(Checked(config).ToSkeleton());

    /// <summary>The models of the architecture; of several with one head, the first is the one that is made for it.</summary>
    public abstract IReadOnlyList<ModelClass> Classes { get; }

    /// <summary>
    /// Small masked, causal or text-to-text language models that prove the architecture's numbers (<c>mlnet-bert doctor --check</c>): for
    /// each NAME its assembly has the resources <c>NAME/config.json</c>, <c>NAME/model.safetensors</c> and
    /// <c>NAME/reference.safetensors</c>, the last with what another implementation gives (<see cref="Verification.ReferenceVerifier"/>).
    /// Empty: nothing is proved.
    /// </summary>
    protected internal virtual IReadOnlyList<string> References => [];

    /// <summary>
    /// Where layers have kernels, the widths of hidden states at which these are held against the plain layers: one that divides by eight
    /// and one by sixteen, as kernels take numbers.
    /// </summary>
    protected internal virtual IReadOnlyList<int> KernelWidths => [];

    /// <summary>
    /// The architecture's model with a head over the vocabulary: masked, causal where it is a decoder, or of two streams.
    /// </summary>
    internal VocabularyModel CreateVocabularyModel(ModelConfig config, long seed) =>
        (VocabularyModel)Create(VocabularyHead, config, seed);

    /// <summary>Which head over the vocabulary the architecture's models have.</summary>
    internal ModelHead VocabularyHead =>
        Classes.Select(entry => entry.Head).First(head =>
            head is ModelHead.MaskedLanguageModel or ModelHead.CausalLanguageModel or ModelHead.PermutationLanguageModel
                or ModelHead.SequenceToSequence);

    /// <summary>
    /// With which head a model that has a head writes texts: that one, a backbone with the architecture's; null for none.
    /// </summary>
    internal ModelHead? WritingHeadFrom(ModelHead head) => head is ModelHead.Encoder
        ? Classes.Select(entry => (ModelHead?)entry.Head).FirstOrDefault(Writes)
        : Writes(head) ? head : null;

    private static bool Writes(ModelHead? head) => head is ModelHead.CausalLanguageModel or ModelHead.SequenceToSequence;

    /// <summary>Whether there is a model that writes texts.</summary>
    internal bool HasWriter => Classes.Any(entry => Writes(entry.Head));

    /// <summary>Whether there is a model with the head.</summary>
    internal bool Has(ModelHead head) => Classes.Any(entry => entry.Head == head);

    private ModelClass ClassWith(ModelHead head) => Classes.FirstOrDefault(entry => entry.Head == head)
        ?? throw new NotSupportedException($"{ModelType} has no model with the head {head}.");

    private ModelConfig Checked(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (!string.Equals(config.ModelType, ModelType, StringComparison.Ordinal))
            throw new ArgumentException($"The architecture {ModelType} takes its own configuration, found one of {config.ModelType}.",
                nameof(config));
        var faults = config.Validate().ToList();
        return faults.Count == 0 ? config : throw new InvalidOptionsException(config.GetType().Name, faults);
    }
}
