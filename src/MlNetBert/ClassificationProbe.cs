using Microsoft.ML;
using MlNetBert.Embeddings;
using MlNetBert.Pretraining;

namespace MlNetBert;

/// <summary>
/// How well the frozen encoder's vectors tell labeled texts apart: a multinomial logistic regression (ML.NET's L-BFGS, one thread) learns
/// from a fixed part of the rows and is measured on the rest. Rows without a label are left out; a missing text is empty. The same model
/// gives the same figure.
/// </summary>
public sealed class ClassificationProbe : IPretrainingProbe
{
    private const int TextsAtOnce = 512;

    private readonly IDataView _rows;
    private readonly string _text;
    private readonly string _label;
    private readonly ClassificationProbeOptions _options;
    private ProbeData? _data;

    /// <summary>Creates a probe.</summary>
    /// <param name="rows">The labeled rows; they are read when the training begins.</param>
    /// <param name="textColumnName">The column of texts.</param>
    /// <param name="labelColumnName">The column of labels: keys, or anything that <c>MapValueToKey</c> takes.</param>
    /// <param name="options">How to measure; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or the texts' holds something else.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public ClassificationProbe(IDataView rows, string textColumnName, string labelColumnName, ClassificationProbeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Mapping.Columns.FindText(rows.Schema, textColumnName, nameof(textColumnName));
        Mapping.Columns.Find(rows.Schema, labelColumnName, nameof(labelColumnName));
        _options = options ?? new ClassificationProbeOptions();
        _options.Validate();
        _rows = rows;
        _text = textColumnName;
        _label = labelColumnName;
    }

    /// <inheritdoc/>
    public string Name => _options.Name ?? _label;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The labels are of a type that <c>MapValueToKey</c> does not take.</exception>
    /// <exception cref="InvalidDataException">Fewer than two classes are labeled, or the rows are too few to learn from some and measure
    /// on others.</exception>
    public void Prepare() => _data ??= ProbeData.Read(_rows, _text, _label, _options.TestFraction, _options.Seed);

    /// <inheritdoc/>
    /// <exception cref="InvalidOptionsException">The texts are to be read longer than the model has positions.</exception>
    public double Measure(PretrainedModel model, CancellationToken cancellationToken)
    {
        Prepare();
        var embedder = new TextEmbedder(model, _options.Embedding);
        float[][] Embed(IEnumerable<string> texts) => [.. texts.Chunk(TextsAtOnce).SelectMany(some =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return embedder.Embed(some);
        })];
        var (training, test) = (Embed(_data!.Training.Select(r => r.Text)), Embed(_data.Test.Select(r => r.Text)));
        cancellationToken.ThrowIfCancellationRequested();
        return LinearProbe.Accuracy(training, _data.Training.ConvertAll(r => r.Label), test, _data.Test.ConvertAll(r => r.Label));
    }
}
