using System.Globalization;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Training.Objectives.Clm;

/// <summary>
/// The targets of causal language modeling: each token of a block but the first, special tokens too, is to be predicted one place before
/// its own. The block stays as it is.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class NextTokens : ICorruption
{
    /// <summary>Creates it for a tokenizer's blocks.</summary>
    /// <param name="tokenizer">The tokenizer. One without a padding token fills up with its end token, or its first: what stands there is
    /// neither read nor predicted.</param>
    public NextTokens(SubwordTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        PaddingTokenId = tokenizer.SpecialTokens.PaddingTokenId ?? tokenizer.SpecialTokens.EndOfTextTokenId ?? 0;
    }

    /// <inheritdoc/>
    public int PaddingTokenId { get; }

    /// <summary>Refuses blocks that nothing can be learned from or measured on.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="what">What they are for, as a sentence begins: "The data to train on".</param>
    /// <exception cref="InvalidDataException">No block has two tokens.</exception>
    public static void RequireTargets(IBlockSource blocks, string what)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        var ids = new int[blocks.BlockLength];
        for (var i = 0L; i < blocks.Count; i++)
        {
            if (blocks.Read(i, ids) > 1)
                return;
        }

        throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture,
            $"{what} have no token to predict: expected a block of at least two tokens, found {blocks.Count} of one. Take longer blocks, "
                + $"or join the documents."));
    }

    /// <inheritdoc/>
    public void Corrupt(ReadOnlySpan<int> block, CorruptionKey key, CorruptedBlock corrupted)
    {
        ArgumentNullException.ThrowIfNull(corrupted);
        corrupted.Clear();
        corrupted.Ids.AddRange(block);
        for (var place = 1; place < block.Length; place++)
        {
            corrupted.Positions.Add(place - 1);
            corrupted.Labels.Add(block[place]);
        }
    }
}
