using System.Globalization;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Models.Configuration;
using MlNetBert.Training.Loop;
using static TorchSharp.torch;

namespace MlNetBert.Generation;

/// <summary>How much memory generation takes beside the weights.</summary>
internal static class GenerationMemory
{
    /// <summary>The most texts that fit into memory at once.</summary>
    /// <param name="config">The model.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="rowsPerText">Rows of a text: its beams or samples.</param>
    /// <param name="batchSize">Texts that are asked for at once; null for as many as fit.</param>
    /// <param name="device">Where to compute; a GPU tells by itself when its memory runs out.</param>
    /// <exception cref="InsufficientMemoryException">Those that are asked for do not fit, or not even one.</exception>
    public static int MostTexts(
        ModelConfig config, IReadOnlyList<GenerationPrompt> prompts, int rowsPerText, int? batchSize, Device device)
    {
        if (prompts.Count == 0 || device.type != TorchSharp.DeviceType.CPU || AvailableMemory.Bytes() is not { } available)
            return int.MaxValue;
        var (length, limit) = (prompts.Max(prompt => prompt.Ids.Length), prompts.Max(prompt => prompt.Limit));
        var text = BytesOfText(config, length, limit, rowsPerText);
        var least = Math.Min(batchSize ?? 1, prompts.Count);
        if (least * text <= available)
            return (int)Math.Min(int.MaxValue, available / text);
        throw new InsufficientMemoryException(string.Create(CultureInfo.InvariantCulture,
            $"{least} text(s) at once with {rowsPerText} row(s) each ({nameof(GenerationOptions)}.{nameof(GenerationOptions.Beams)} or "
                + $"{nameof(GenerationOptions)}.{nameof(GenerationOptions.Results)}), {length} prompt tokens and {limit} new ones take "
                + $"about {least * text / 1e9:0.0} GB, but {available / 1e9:0.0} GB are available. Take fewer beams or results, a smaller "
                + $"{nameof(PredictionOptions.BatchSize)}, fewer tokens ({nameof(GenerationOptions)}."
                + $"{nameof(GenerationOptions.MaxNewTokens)}), or a shorter prompt."));
    }

    /// <summary>Bytes that a text takes, about.</summary>
    internal static double BytesOfText(ModelConfig config, int prompt, int limit, int rowsPerText)
    {
        // Keys and values of every position and layer, in buffers that have up to twice the room, and once more while rows are chosen; of a
        // source those of a decoder's layers and its hidden states, without room.
        var cache = config is SequenceToSequenceConfig { DecoderLayerCount: var layers }
            ? (2.0 * layers * config.CacheWidth * ((3.0 * limit) + (2.0 * prompt))) + (2.0 * prompt * config.HiddenSize)
            : 2.0 * config.LayerCount * config.CacheWidth * (prompt + (double)limit) * 3;
        // Scores of a step, and those of a row in float64 while its token is chosen.
        var scores = 3.0 * config.VocabularySize;
        // The prompt is read once whatever the number of rows.
        return (sizeof(float) * rowsPerText * (cache + scores)) + ReadingMemory.BytesOfText(config, prompt, ComputePrecision.Float32);
    }
}
