using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Models.Training;

/// <summary>What becomes of case and accents before words are learned.</summary>
internal static class TrainingNormalizer
{
    /// <summary>The normalizer that options ask for.</summary>
    /// <param name="first">What is done before; null for nothing.</param>
    /// <param name="options">The options.</param>
    /// <returns>The normalizer; null where nothing is done.</returns>
    public static TextNormalizer? Of(TextNormalizer? first, SubwordTrainerOptions options)
    {
        var normalizers = new List<TextNormalizer>();
        if (first is not null)
            normalizers.Add(first);
        if (options.LowerCase)
            normalizers.Add(new LowercaseNormalizer());
        // Taken apart, stripped, and put together again: letters such as those of Korean are made of parts that are no accents.
        if (options.StripAccents)
            normalizers.AddRange([new NfdNormalizer(), new StripAccentsNormalizer(), new NfcNormalizer()]);
        return normalizers switch
        {
            [] => null,
            [var only] => only,
            _ => new SequenceNormalizer(normalizers),
        };
    }
}
