using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives.Rtd;

/// <summary>The two models of replaced-token detection, which are trained as one.</summary>
internal sealed class RtdModels : nn.Module
{
    /// <summary>Puts two models together.</summary>
    /// <param name="discriminator">The model that is kept. It is listed first, so that shared parameters have its names in an optimizer's
    /// state.</param>
    /// <param name="generator">The model that makes up replacements.</param>
    public RtdModels(ReplacedTokenDetector discriminator, MaskedLanguageModel generator)
        : base(nameof(RtdModels))
    {
        (Discriminator, Generator) = (discriminator, generator);
        register_module("discriminator", discriminator);
        register_module("generator", generator);
    }

    /// <summary>Tells replaced tokens from the text's own.</summary>
    public ReplacedTokenDetector Discriminator { get; }

    /// <summary>Predicts masked tokens; what is drawn from its predictions replaces them.</summary>
    public MaskedLanguageModel Generator { get; }

    /// <summary>Lets the generator learn the discriminator's embeddings instead of its own (Clark et al. 2020, 3.2).</summary>
    /// <returns>This object.</returns>
    public RtdModels ShareEmbeddings()
    {
        Generator.Backbone.BorrowEmbeddings(Discriminator.Backbone);
        return this;
    }
}
