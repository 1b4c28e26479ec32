namespace PretrainingHelps;

/// <summary>One classifier, measured on all rows that are held out.</summary>
/// <param name="Start">What it started from.</param>
/// <param name="Share">Per cent of the labeled rows that it learnt from.</param>
/// <param name="Seed">The seed of the rows and of training.</param>
/// <param name="Epochs">Passes of fine-tuning.</param>
/// <param name="Accuracy">Share of right answers, 0 to 1.</param>
/// <param name="Seconds">Time of training.</param>
public sealed record Measurement(Start Start, int Share, int Seed, int Epochs, double Accuracy, double Seconds);
