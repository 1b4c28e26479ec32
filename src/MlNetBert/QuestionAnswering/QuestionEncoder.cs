using MlNetBert.Inference;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.QuestionAnswering;

/// <summary>Encodes questions with their contexts, a long context in several windows. Thread-safe.</summary>
internal sealed class QuestionEncoder(PretrainedModel model, WindowSettings settings)
{
    private static readonly EncodeOptions Bare = new() { AddSpecialTokens = false };

    private readonly SubwordTokenizer _tokenizer = model.Tokenizer;
    private readonly ModelConfig _config = model.Config;

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
        var template = _tokenizer.Template;
        var parts = ContextWindows.Cut(ids.Length, settings.Length - template.PairAddedCount - asked.Length, settings.Stride);
        TemplatedTokens[] windows = [.. parts.Select(part => template.Build(asked, ids.AsSpan(part)))];
        return new ContextWindows(
            [.. windows.Select(_config.TextOf)],
            parts,
            text.Offsets,
            windows[0].SecondStart!.Value,
            isCut);
    }
}
