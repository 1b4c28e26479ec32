using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;

namespace MlNetBert.QuestionAnswering;

/// <summary>Encodes questions with their contexts, a long context in several windows. Thread-safe.</summary>
internal sealed class QuestionEncoder(PretrainedModel model, WindowSettings settings)
{
    private static readonly EncodeOptions Bare = new() { AddSpecialTokens = false };

    private readonly SubwordTokenizer _tokenizer = model.Tokenizer;
    private readonly bool _hasTypes = model.Configuration.HasTokenTypes;

    /// <summary>How contexts are cut.</summary>
    public WindowSettings Settings => settings;

    /// <summary>Encodes a question.</summary>
    /// <param name="question">The question; of a long one the first tokens are read.</param>
    /// <param name="context">The text to find the answer in.</param>
    public ContextWindows Encode(string question, string context)
    {
        var asked = _tokenizer.EncodeToIds(question);
        var isCut = asked.Length > settings.MaxQuestionLength;
        if (isCut)
            asked = asked[..settings.MaxQuestionLength];
        var text = _tokenizer.Encode(context, options: Bare);
        int[] ids = [.. text.Ids];
        var parts = ContextWindows.Cut(ids.Length, settings.Length - WindowSettings.SpecialTokens - asked.Length, settings.Stride);
        return new ContextWindows([.. parts.Select(part => Window(asked, ids.AsSpan(part)))], parts, text.Offsets, asked.Length + 2, isCut);
    }

    private EncodedText Window(int[] question, ReadOnlySpan<int> context)
    {
        var special = _tokenizer.SpecialTokens;
        int[] ids = [special.Classification, .. question, special.Separator, .. context, special.Separator];
        if (!_hasTypes)
            return new EncodedText(ids);
        var types = model.Tokenizer.PairTypeIds;
        return new EncodedText(
            ids, [
                types[0],
                .. Enumerable.Repeat(types[1], question.Length),
                types[2],
                .. Enumerable.Repeat(types[3], context.Length),
                types[4],
            ]);
    }
}
