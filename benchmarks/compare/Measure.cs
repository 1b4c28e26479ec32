// What the tool cannot time, for compare.py: tokenizing, embedding, one text per call, and what a training step allocates. One JSON object on standard output.
// It names only what both commits have; a commit that renames one of these needs its own line here.
using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using MlNetBert;
using MlNetBert.Training;
using TorchSharp;

var (directory, text, threads) = (args[0], args[1], int.Parse(args[2]));
torch.set_num_threads(threads);
var ml = new MLContext(1);
var lines = File.ReadAllLines(text).Where(l => l.Length > 20).ToArray();
var all = View(lines);
var few = View(lines.Where(l => l.Length > 60).Take(64));
using var model = PretrainedModel.FromDirectory(directory);

var tokenizer = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Fit(all);
var tokenizing = Best(5, () => Drain(tokenizer.Transform(all), "Tokens"));
using var embedder = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(few);
var embedding = Best(5, () => Drain(embedder.Transform(few), "Features"));
var engine = ml.Model.CreatePredictionEngine<Line, Vector>(embedder);
var call = Best(5, () =>
{
    for (var i = 0; i < 40; i++)
        engine.Predict(new Line { Text = lines[i] });
}) / 40;

// A step's own allocations: what a run of twice as many steps allocates beyond one.
Train(4);
var managed = (Train(24) - Train(8)) / 16;
using var process = Process.GetCurrentProcess();
Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, double>
{
    ["tokenizing_s"] = tokenizing,
    ["embedding_s"] = embedding,
    ["call_s"] = call,
    ["managed_bytes_of_a_step"] = managed,
    ["live_tensors_at_most"] = torch.Tensor.PeakCount,
    ["peak_memory_mb"] = process.PeakWorkingSet64 / 1e6,
}));
return;

IDataView View(IEnumerable<string> texts) => ml.Data.LoadFromEnumerable(texts.Select(t => new Line { Text = t }).ToArray());

double Train(long steps)
{
    var pipeline = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model)
        .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 32))
        .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", model, new MlmOptions { MaxSteps = steps, BatchSize = 4, Threads = threads, Device = "cpu", Precision = Precision.Float32, Seed = 1 }));
    var before = GC.GetTotalAllocatedBytes(precise: true);
    (pipeline.Fit(few) as IDisposable)?.Dispose();
    return GC.GetTotalAllocatedBytes(precise: true) - before;
}

static void Drain(IDataView view, string column)
{
    using var cursor = view.GetRowCursor([view.Schema[column]]);
    if (view.Schema[column].Type is Microsoft.ML.Data.VectorDataViewType { ItemType.RawType: var type } && type == typeof(float))
        Read<float>(cursor, column);
    else
        Read<uint>(cursor, column);
}

static void Read<T>(DataViewRowCursor cursor, string column)
{
    var getter = cursor.GetGetter<Microsoft.ML.Data.VBuffer<T>>(cursor.Schema[column]);
    var value = default(Microsoft.ML.Data.VBuffer<T>);
    while (cursor.MoveNext())
        getter(ref value);
}

static double Best(int times, Action action)
{
    action();
    var best = double.MaxValue;
    for (var i = 0; i < times; i++)
    {
        var clock = Stopwatch.StartNew();
        action();
        best = Math.Min(best, clock.Elapsed.TotalSeconds);
    }

    return best;
}

sealed class Line
{
    public string Text { get; set; } = "";
}

sealed class Vector
{
    public float[] Features { get; set; } = [];
}
