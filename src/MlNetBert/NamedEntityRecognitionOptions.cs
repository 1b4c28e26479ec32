using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert;

/// <summary>
/// How <c>NamedEntityRecognition</c> fine-tunes a token classifier. <see cref="FineTuningOptions.TruncationSide"/> must be right: words
/// beyond the limit are not looked at.
/// </summary>
public sealed record NamedEntityRecognitionOptions : FineTuningOptions
{
    private protected override void ValidateTask(OptionsValidator faults, PretrainedModel model) =>
        faults.Require(TruncationSide == TextSide.Right, nameof(TruncationSide), TruncationSide,
            "must be Right: words beyond the limit are not looked at");
}
