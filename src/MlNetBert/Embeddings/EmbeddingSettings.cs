namespace MlNetBert.Embeddings;

/// <summary>Everything that <see cref="EmbeddingOptions"/> leave open, settled for one model.</summary>
/// <param name="Pooling">How token vectors become one; several are put together.</param>
/// <param name="Normalize">Whether vectors are scaled to length 1.</param>
/// <param name="MaxLength">Tokens that are read, special tokens included.</param>
/// <param name="Prompt">What is put before a text; empty for nothing.</param>
internal sealed record EmbeddingSettings(IReadOnlyList<Pooling> Pooling, bool Normalize, int MaxLength, string Prompt = "")
{
    /// <summary>Settles the options for a model.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="model">The model, whose directory may say how it wants to be used.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be, or asks for more tokens than the model has
    /// positions.</exception>
    /// <exception cref="ModelFormatException">The model's directory asks for a pooling or a stage that is not supported, or for a length
    /// without room for a token.</exception>
    public static EmbeddingSettings Of(EmbeddingOptions options, PretrainedModel model)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(model);
        options.Validate(model.Config.LongestSequence, model.Tokenizer.Template.AddedCount);
        var sentence = model.Shared.Sentence;
        if ((sentence.StageFault ?? (options.Pooling is null ? sentence.PoolingFault : null)) is { } fault)
            throw fault.ToException();
        return new EmbeddingSettings(
            options.Pooling is { } pooling ? [pooling] : PoolingOf(sentence),
            options.Normalize ?? sentence.Normalize,
            options.MaxLength ?? LongestText(model),
            sentence.Prompts.TextOf(options.Prompt));
    }

    /// <summary>How a model wants its vectors pooled.</summary>
    internal static IReadOnlyList<Pooling> PoolingOf(SentenceSettings sentence) => sentence.Pooling ?? [MlNetBert.Pooling.Mean];

    /// <summary>The values of a vector, behind what the model's directory does with pooled ones.</summary>
    /// <exception cref="ModelFormatException">A module takes another number of values than it gets.</exception>
    internal int DimensionOf(PretrainedModel model) =>
        DimensionOf(Pooling, model.Config.HiddenSize, model.Shared.Sentence.Stages, model.Source);

    /// <summary>The same of a pooling, a hidden size and stages, whose model messages call <paramref name="source"/>.</summary>
    internal static int DimensionOf(IReadOnlyList<Pooling> pooling, int hiddenSize, IReadOnlyList<SentenceStage> stages, string source)
    {
        var dimension = hiddenSize * pooling.Count;
        foreach (var stage in stages)
        {
            if (stage.Inputs is { } inputs && inputs != dimension)
                throw new ModelFormatException(source,
                    $"has a module Dense that takes {inputs} values, but gets {dimension} from the pooling "
                        + $"{string.Join(" with ", pooling)}. Take a pooling that gives as many, or get the model anew.");
            dimension = stage.OutputsOf(dimension);
        }

        return dimension;
    }

    /// <summary>What a length must be, with the special tokens that are added to a text.</summary>
    internal static string LeastLength(int added) => $"must be at least {added + 1} ({added} special tokens and one of the text)";

    /// <summary>Tokens of a text that a model wants read: what its directory says, and at most its positions.</summary>
    /// <exception cref="ModelFormatException">That leaves no room for a token.</exception>
    internal static int LongestText(PretrainedModel model) => TextLength.Of(model, model.Tokenizer.Template.AddedCount + 1);

    /// <summary>Checks a length that was read from a file, and gives the model back where it cannot be.</summary>
    /// <exception cref="ModelFormatException">The model has too few positions for it, or it has no room for a
    /// token.</exception>
    internal static void RequireLength(int length, PretrainedModel model, string name)
    {
        var positions = model.Config.LongestSequence;
        if (length > model.Tokenizer.Template.AddedCount && length <= positions)
            return;
        model.Dispose();
        throw new ModelFormatException(name,
            $"expected settings that fit the model's {positions} positions, found a length of {length}. Save the model again.");
    }
}
