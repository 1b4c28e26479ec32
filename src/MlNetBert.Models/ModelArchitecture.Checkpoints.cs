using System.Runtime.InteropServices;
using MlNetBert.HuggingFace;
using MlNetBert.Models.Checkpoints;

namespace MlNetBert.Models;

// From a checkpoint to a model.
public abstract partial class ModelArchitecture
{
    /// <summary>
    /// Builds a model with a checkpoint's weights; what the checkpoint lacks is drawn. A decoder that the checkpoint holds with other
    /// values than the embeddings is kept, as in transformers 5: the model's configuration then has
    /// <see cref="ModelConfig.TieWordEmbeddings"/> false, whatever the given one says.
    /// </summary>
    /// <param name="head">Which model.</param>
    /// <param name="config">A configuration of this architecture.</param>
    /// <param name="weights">The checkpoint; not needed any more once this returns.</param>
    /// <param name="report">What was missing, unused and ignored.</param>
    /// <param name="seed">The seed of what is drawn.</param>
    /// <returns>The model, in evaluation mode.</returns>
    /// <exception cref="ModelFormatException">As <see cref="Weights.Load"/>.</exception>
    /// <exception cref="NotSupportedException">The architecture has no such model.</exception>
    public LanguageModelModule Load(ModelHead head, ModelConfig config, ICheckpointWeights weights, out LoadReport report, long seed = 0) =>
        Load(ClassWith(head), config, weights, out report, seed);

    /// <summary>As <see cref="Load(ModelHead, ModelConfig, ICheckpointWeights, out LoadReport, long)"/>, a model of a class.</summary>
    /// <param name="modelClass">Which model.</param>
    /// <param name="config">A configuration of this architecture.</param>
    /// <param name="weights">The checkpoint; not needed any more once this returns.</param>
    /// <param name="report">What was missing, unused and ignored.</param>
    /// <param name="seed">The seed of what is drawn.</param>
    /// <returns>The model, in evaluation mode.</returns>
    /// <exception cref="ModelFormatException">As <see cref="Weights.Load"/>.</exception>
    public LanguageModelModule Load(
        ModelClass modelClass, ModelConfig config, ICheckpointWeights weights, out LoadReport report, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(modelClass);
        ArgumentNullException.ThrowIfNull(weights);
        var model = BuildFor(weights, modelClass, Checked(config));
        try
        {
            report = Weights.Load(model, weights, seed);
            if (report.Untied is { Count: > 0 } untied)
            {
                model.Dispose();
                model = BuildFor(weights, modelClass, config with { TieWordEmbeddings = false });
                report = Weights.Load(model, weights, seed) with { Untied = untied };
            }

            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Says what a load would report, from the names alone: nothing is loaded, and shapes are not checked.</summary>
    /// <param name="modelClass">Which model.</param>
    /// <param name="config">A configuration of this architecture.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <returns>What is missing, unused and ignored.</returns>
    /// <exception cref="ModelFormatException">The checkpoint holds no weight of this model at all.</exception>
    public LoadReport Match(ModelClass modelClass, ModelConfig config, ICheckpointWeights weights)
    {
        ArgumentNullException.ThrowIfNull(modelClass);
        ArgumentNullException.ThrowIfNull(weights);
        var report = MatchAs(Checked(config));
        return report.Untied is { Count: > 0 } untied
            ? MatchAs(config with { TieWordEmbeddings = false }) with { Untied = untied }
            : report;

        LoadReport MatchAs(ModelConfig tied)
        {
            using var model = BuildFor(weights, modelClass, tied.ToSkeleton());
            return WeightMatch.Of(model, weights).RequireAny(model, weights).ToReport(model);
        }
    }

    /// <summary>
    /// The class of models that a checkpoint holds: the first of config.json's <c>architectures</c> that is known here; for the heads of
    /// pretraining of which one lacks weights the masked language model, where that is whole. Where no class is named the weights decide:
    /// of the classes whose weights are all there, the one with the most, and of several the one that calls them as the checkpoint does.
    /// </summary>
    /// <param name="config">A configuration of this architecture.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="guess">What is to be said of it where the weights decided, a few sentences; otherwise null.</param>
    /// <returns>The class.</returns>
    /// <exception cref="ModelConfigFormatException">No class is named, and of none the weights are all there.</exception>
    public ModelClass ClassOf(ModelConfig config, ICheckpointWeights weights, out string? guess)
    {
        ArgumentNullException.ThrowIfNull(weights);
        guess = null;
        // As many outputs as there are labels: a classifier of other heads has the same names.
        var skeleton = Checked(config).ToSkeleton() with { Labels = config.Labels };
        if (config.Architectures.Select(FindClass).FirstOrDefault(named => named is not null) is { } known)
            return OfWholeHeads(known, skeleton, weights, out guess);
        var fitting = Classes.Where(entry => entry.Head != ModelHead.ReplacedTokenDetector || !HasClassifier(skeleton, weights))
            .Select(entry => (Class: entry, Found: CountOfWhole(entry, skeleton, weights)))
            .Where(entry => entry.Found.Count > 0).OrderByDescending(entry => entry.Found).ToList();
        var said = config.Architectures.Count == 0
            ? "config.json names no class ('architectures')"
            : $"'architectures' in config.json names {string.Join(", ", config.Architectures)}, which is not known here";
        var names = string.Join(", ", Classes.Select(entry => entry.Name));
        if (fitting is not [var (best, most), .. var others])
            throw new ModelConfigFormatException(weights.Source,
                $"{said}, and the weights are all there of none of the classes of {ModelType}: {names}. Name the right one in config.json, "
                    + $"or get the checkpoint anew; it holds {WeightMatch.Sample(weights.Names)}.");
        var equal = string.Join(", ", others.Where(other => other.Found == most).Select(other => other.Class.Name));
        guess = $"{said}: opened as {best.Name}, whose weights are all there{(equal.Length > 0 ? $", as are those of {equal}" : "")}. "
            + "Name the right class there.";
        return best;
    }

    // A file without the next-sentence head, or the pooler that it takes, still predicts words.
    private ModelClass OfWholeHeads(ModelClass named, ModelConfig skeleton, ICheckpointWeights weights, out string? guess)
    {
        guess = null;
        if (named.Head != ModelHead.PreTraining
            || Classes.FirstOrDefault(entry => entry.Head == ModelHead.MaskedLanguageModel) is not { } words)
            return named;
        using var model = BuildFor(weights, named, skeleton);
        string[] missing =
            [.. WeightMatch.OfNames(model, weights.Names).Missing.Select(weight => weight.Name).Where(name => !model.IsOfBackbone(name))];
        if (missing.Length == 0 || CountOfWhole(words, skeleton, weights).Count == 0)
            return named;
        guess = $"'architectures' in config.json names {named.Name}, of whose heads the checkpoint lacks {WeightMatch.Sample(missing)}: "
            + $"opened as {words.Name}, whose weights are all there. Name that class there, or get the checkpoint anew.";
        return words;
    }

    // One output under a classifier's name is a detector's or a multiple choice's: the name of the class alone tells them apart.
    private bool HasClassifier(ModelConfig skeleton, ICheckpointWeights weights) =>
        Classes.Where(entry => entry.Head is ModelHead.SequenceClassifier or ModelHead.TokenClassifier).Any(entry =>
        {
            using var model = BuildFor(weights, entry, skeleton);
            return WeightMatch.OfNames(model, weights.Names).Missing.All(weight => model.IsWholeWithout(weight.Name));
        });

    // How many weights of a class a checkpoint holds where it lacks none, and how many of them under the names that the class gives them; a
    // backbone is whole without what is there for heads.
    private (int Count, int SameNames) CountOfWhole(ModelClass modelClass, ModelConfig skeleton, ICheckpointWeights weights)
    {
        using var model = BuildFor(weights, modelClass, skeleton);
        var match = WeightMatch.OfNames(model, weights.Names);
        var aliases = model.Aliases;
        return match.Missing.All(weight => model.IsWholeWithout(weight.Name))
            && match.Found.Where(pair => aliases.IsOutput(pair.Weight.Name))
                .All(pair => weights.Describe(pair.Name).Shape is [var rows, ..] && rows == pair.Weight.Shape[0])
            ? (match.Found.Count, match.Found.Count(pair => string.Equals(pair.Weight.Name, pair.Name, StringComparison.Ordinal)))
            : (0, 0);
    }

    // A damaged config.json may ask for more than there is memory for; the weights say what can be.
    private LanguageModelModule BuildFor(ICheckpointWeights weights, ModelClass modelClass, ModelConfig config)
    {
        if (config.DistinctLayers > weights.Names.Count)
            throw new ModelConfigFormatException(weights.Source,
                $"holds {weights.Names.Count} tensors, but config.json asks for {config.DistinctLayers} layers ({config.Keys.Layers}): "
                    + "they are not of one model.");
        try
        {
            return modelClass.Build(config);
        }
        catch (ExternalException exception)
        {
            throw new ModelConfigFormatException(
                weights.Source,
                $"there is no memory for the model that config.json asks for: {config.Keys.VocabularySize} {config.VocabularySize}, "
                    + $"{config.Keys.HiddenSize} {config.HiddenSize}, {config.Keys.InnerSize} {config.IntermediateSize}, "
                    + $"{config.LayerCount} layers"
                    + $"{(config.MaxLength is { } positions ? $", {positions} positions" : "")}. Compare them with the weights. "
                    + $"({exception.Message.Split('\n')[0]})",
                exception);
        }
    }
}
