using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Masked language modelling on blocks that were masked elsewhere, so that two programs are measured on the same masks: a safetensors file
/// with <c>input_ids</c> and <c>labels</c>, integers [blocks, length], labels −100 where there is nothing to predict, and where it has one
/// <c>attention_mask</c> of that shape. Loss and accuracy are over ALL masked tokens of ALL blocks.
/// </summary>
public sealed class MaskedFileEvaluation : IEvaluation
{
    /// <summary>The label of a token that is not to be predicted.</summary>
    public const int IgnoredLabel = -100;

    private readonly MaskedLanguageModel _model;
    private readonly int _batchSize;
    private readonly ComputePrecision? _precision;
    private readonly int[] _inputIds;
    private readonly int[] _labels;
    private readonly int[]? _attention;
    private readonly int _length;

    /// <summary>Reads the file, whole.</summary>
    /// <param name="model">The model to measure.</param>
    /// <param name="path">The file.</param>
    /// <param name="batchSize">Blocks in a batch. Figures do not depend on it.</param>
    /// <param name="precision">The number format of matrix products; null is the model's own.</param>
    /// <exception cref="ModelFormatException">The file lacks a tensor, or one has another shape or type, or an id that the model has
    /// not.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public MaskedFileEvaluation(MaskedLanguageModel model, string path, int batchSize = 32, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        _model = model;
        _batchSize = batchSize;
        _precision = precision;
        using var file = SafetensorsFile.Open(path);
        var shape = file.Describe("input_ids").Shape;
        if (shape.Length != 2 || shape[0] * shape[1] == 0)
            throw new ModelFormatException(path,
                $"expected 'input_ids' [blocks, length] with at least one block, found [{string.Join(", ", shape)}].");
        if (shape[1] > model.Config.MaxPositions)
            throw new ModelFormatException(path,
                $"has blocks of {shape[1]} tokens, but the model has {model.Config.MaxPositions} positions: make the "
                    + "file with shorter blocks.");
        _length = (int)shape[1];
        _inputIds = Read(file, "input_ids", shape, id => id >= 0 && id < model.Config.VocabularySize,
            $"ids from 0 to {model.Config.VocabularySize - 1}");
        _labels = Read(
            file, "labels", shape, id => id == IgnoredLabel
                || (id >= 0 && id < model.Config.VocabularySize), $"-100 or ids from 0 to {model.Config.VocabularySize - 1}");
        _attention =
            file.Tensors.ContainsKey("attention_mask") ? Read(file, "attention_mask", shape, value => value is 0 or 1, "0 or 1") : null;
        if (Array.TrueForAll(_labels, label => label == IgnoredLabel))
            throw new ModelFormatException(path, "has no masked token: every label is -100.");
    }

    /// <summary>How many blocks the file has.</summary>
    public int Count => _inputIds.Length / _length;

    /// <inheritdoc/>
    public EvaluationResult Run(CancellationToken cancellationToken)
    {
        var wasTraining = _model.training;
        _model.eval();
        try
        {
            using var noGradient = no_grad();
            var tally = new EvaluationTally();
            for (var first = 0; first < Count; first += _batchSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Add(tally, first, Math.Min(_batchSize, Count - first));
            }

            return tally.Result();
        }
        finally
        {
            _model.train(wasTraining);
        }
    }

    private void Add(EvaluationTally tally, int first, int rows)
    {
        var range = new Range(first * _length, (first + rows) * _length);
        var labels = _labels[range];
        var positions = Enumerable.Range(0, labels.Length).Where(i => labels[i] != IgnoredLabel).ToArray();
        if (positions.Length == 0)
            return;
        using var scope = NewDisposeScope();
        var device = _model.parameters().First().device;
        var inputIds = BatchTensors.Matrix(_inputIds[range], rows, _length, device); // [batch, sequence]
        var attention = _attention is null ? null : BatchTensors.Matrix(_attention[range], rows, _length, device); // [batch, sequence]
        var hidden = _model.Backbone.forward(inputIds, attention, precision: _precision).LastHiddenState; // [batch, sequence, hidden]
        var chosen = hidden.reshape(-1, hidden.shape[2]).index_select(0, BatchTensors.Vector(positions, device)); // [targets, hidden]
        tally.Add(_model.Head(chosen, _precision), BatchTensors.Vector([.. positions.Select(i => labels[i])], device));
    }

    private static int[] Read(SafetensorsFile file, string name, IReadOnlyList<long> shape, Predicate<long> allowed, string expected)
    {
        var tensor = file.Describe(name);
        if (!tensor.Shape.SequenceEqual(shape))
            throw new ModelFormatException(file.Name,
                $"expected '{name}' of the shape [{string.Join(", ", shape)}] of 'input_ids', found [{string.Join(", ", tensor.Shape)}].");
        if (tensor.Dtype.IsFloatingPoint())
            throw new ModelFormatException(file.Name, $"expected integers in '{name}', found {tensor.Dtype.ToName()}.");
        var values = new long[shape[0] * shape[1]];
        TensorConversion.ToInt64(file.GetBytes(name), tensor.Dtype, values);
        var wrong = Array.FindIndex(values, value => !allowed(value));
        return wrong < 0
            ? Array.ConvertAll(values, value => (int)value)
            : throw new ModelFormatException(file.Name,
                $"expected {expected} in '{name}', found {values[wrong]} in block {wrong / shape[1]}. The file "
                    + "was made for another model.");
    }
}
