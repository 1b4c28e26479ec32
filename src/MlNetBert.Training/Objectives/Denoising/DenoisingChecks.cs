using MlNetBert.HuggingFace;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Training.Objectives.Denoising;

/// <summary>What every denoising corruption asks of its settings and its tokenizer.</summary>
internal static class DenoisingChecks
{
    private const string What = "Denoising";

    /// <summary>Adds what is wrong with the settings to the faults.</summary>
    public static void Check(OptionsValidator faults, double noiseDensity, double meanSpanLength)
    {
        faults.Require(noiseDensity is > 0 and < 1, "NoiseDensity", noiseDensity, "must lie above 0 and below 1");
        faults.Require(meanSpanLength is >= 1 and <= 100, "MeanSpanLength", meanSpanLength, "must lie from 1 to 100");
    }

    /// <summary>Rejects a tokenizer without a padding token, or without one that ends texts.</summary>
    /// <exception cref="InvalidOperationException">It lacks one.</exception>
    public static void RequireTokenizer(SubwordTokenizer tokenizer)
    {
        tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, What);
        if (BlockTemplate.EndOf(tokenizer) is null)
            throw new InvalidOperationException(
                $"{What} needs a token that ends a text, or what the model writes would have no end, but the tokenizer has none. Name one "
                    + "of its vocabulary as eos_token in tokenizer_config.json, or take another tokenizer.");
    }

    /// <summary>Rejects a tokenizer without a mask token.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public static int RequireMask(SubwordTokenizer tokenizer) => tokenizer.SpecialTokens.Require(SpecialTokenRole.Mask, "Text infilling");
}
