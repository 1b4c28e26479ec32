using System.Runtime.InteropServices;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// What an evaluation has added up so far, by name: sums, and rows of numbers where a figure needs every one of them. Sums of several
/// processes are added, rows put one after the other. Not thread-safe.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class MetricSums
{
    /// <summary>The sum of the losses of classes.</summary>
    public const string Loss = "loss";

    /// <summary>How many targets were right.</summary>
    public const string Correct = "correct";

    /// <summary>How many targets there were.</summary>
    public const string Targets = "targets";

    private const string TermLoss = "loss/";
    private const string TermTargets = "targets/";

    private readonly Dictionary<string, double> _sums = [];
    private readonly Dictionary<string, List<MetricRow>> _rows = [];

    /// <summary>A sum.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The sum; 0 where nothing was added.</returns>
    public double this[string name] => _sums.GetValueOrDefault(name);

    /// <summary>The mean over <see cref="Targets"/> of what <see cref="Loss"/> sums; NaN where there was no target.</summary>
    public double MeanPerTarget => this[Loss] / this[Targets];

    /// <summary>The share of <see cref="Targets"/> that was right; NaN where there was no target.</summary>
    public double Accuracy => this[Correct] / this[Targets];

    /// <summary>The means of the terms of a loss, added up by weight; NaN where no term had a target.</summary>
    internal double MeanLoss
    {
        get
        {
            var terms = Terms.Where(name => this[TermTargets + name] > 0).ToList();
            return terms.Count == 0 ? double.NaN : terms.Sum(name => this[TermLoss + name] / this[TermTargets + name]);
        }
    }

    /// <summary>Targets of all terms of a loss.</summary>
    internal long LossTargets => (long)Terms.Sum(name => this[TermTargets + name]);

    private IEnumerable<string> Terms =>
        _sums.Keys.Where(name => name.StartsWith(TermTargets, StringComparison.Ordinal)).Select(name => name[TermTargets.Length..]);

    /// <summary>Adds to a sum.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">What to add.</param>
    public void Add(string name, double value) => _sums[name] = this[name] + value;

    /// <summary>Adds a row.</summary>
    /// <param name="name">Which rows it belongs to.</param>
    /// <param name="example">The number of the example that it is of.</param>
    /// <param name="values">Its numbers.</param>
    public void AddRow(string name, long example, params float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (!_rows.TryGetValue(name, out var rows))
            _rows[name] = rows = [];
        rows.Add(new MetricRow(example, values));
    }

    /// <summary>Adds the cross entropy of classes, and how many are right, to <see cref="Loss"/>, <see cref="Correct"/> and
    /// <see cref="Targets"/>.</summary>
    /// <param name="logits">[targets, classes], float32.</param>
    /// <param name="labels">[targets], int64.</param>
    public void AddClasses(Tensor logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        using var scope = NewDisposeScope();
        // In float64: the sum of many large losses has no place in float32.
        Add(Loss, nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None).sum(ScalarType.Float64).cpu().item<double>());
        Add(Correct, logits.argmax(1).eq(labels).sum().cpu().item<long>());
        Add(Targets, labels.shape[0]);
    }

    /// <summary>The rows of a name in the order in which they were added.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The rows; empty where there are none.</returns>
    public IReadOnlyList<MetricRow> Rows(string name) => _rows.GetValueOrDefault(name) ?? [];

    /// <summary>Everything as bytes, for another process.</summary>
    internal byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(_sums.Count);
        foreach (var (name, sum) in _sums)
        {
            writer.Write(name);
            writer.Write(sum);
        }

        writer.Write(_rows.Count);
        foreach (var (name, rows) in _rows)
        {
            writer.Write(name);
            writer.Write(rows.Count);
            foreach (var row in rows)
            {
                writer.Write(row.Example);
                writer.Write(row.Values.Length);
                writer.Write(MemoryMarshal.AsBytes(row.Values.Span));
            }
        }

        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Adds what another process has added up.</summary>
    internal void Add(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        for (var count = reader.ReadInt32(); count > 0; count--)
            Add(reader.ReadString(), reader.ReadDouble());
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var name = reader.ReadString();
            for (var rows = reader.ReadInt32(); rows > 0; rows--)
            {
                var (example, values) = (reader.ReadInt64(), new float[reader.ReadInt32()]);
                reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
                AddRow(name, example, values);
            }
        }
    }

    /// <summary>Adds a term of a loss.</summary>
    internal void AddLoss(LossTerm term, long targets)
    {
        Add(TermLoss + term.Name, targets == 0 ? 0 : term.Weight * term.Sum.ReadSingle());
        Add(TermTargets + term.Name, targets);
    }
}
