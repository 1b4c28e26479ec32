namespace MlNetBert;

/// <summary>How <c>NamedEntityRecognition</c> fine-tunes a token classifier. Words beyond the limit are not looked at.</summary>
public sealed record NamedEntityRecognitionOptions : FineTuningOptions;
