using Microsoft.ML;
using MlNetBert.Mapping;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;

namespace MlNetBert.FineTuning;

/// <summary>Runs a fine-tuned model over rows, those of like length together.</summary>
/// <typeparam name="TResult">What is computed for a row.</typeparam>
internal abstract class SequenceMapper<TResult>(FineTunedTransformer parent, DataViewSchema schema)
    : BatchMapper<(string First, string? Second), TResult>(parent, parent.State.Texts.Find(schema))
{
    /// <summary>The columns that the mapper reads from.</summary>
    protected DataViewSchema Schema { get; } = schema;

    /// <summary>Runs the model; no gradient is kept, and a dispose scope is open.</summary>
    /// <param name="network">The model, not to be used afterwards.</param>
    /// <param name="inputs">Padded texts.</param>
    /// <param name="precision">The precision of matrix multiplications.</param>
    /// <returns>A result for each text, in order.</returns>
    protected abstract IReadOnlyList<TResult> Predict(LanguageModelModule network, SequenceInputs inputs, ComputePrecision precision);

    protected override Func<(string First, string? Second)> CreateReader(DataViewRow row) =>
        parent.State.Texts.Reader(row, parent.Model.Tokenizer.InvalidText);

    protected override IReadOnlyList<TResult> Compute(IReadOnlyList<(string First, string? Second)> rows)
    {
        var place = parent.Place;
        using var call = parent.Model.Call(place.Device);
        var cut = 0;
        var texts = new List<EncodedText>(rows.Count);
        foreach (var (first, second) in rows)
        {
            texts.Add(parent.Encoder.Encode(first, second, out var isCut));
            cut += isCut ? 1 : 0;
        }

        parent.TellCutRows(cut, parent.MaxLength);
        return SequenceBatches.Predict(
            call, place, texts, parent.Encoder.PaddingId, inputs => Predict(call.Network, inputs, place.Precision));
    }
}
