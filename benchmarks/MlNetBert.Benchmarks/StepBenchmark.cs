using System.Diagnostics;
using MlNetBert.Benchmarking;
using MlNetBert.Models;
using MlNetBert.Training.Optimizers;
using static TorchSharp.torch;

namespace MlNetBert.Benchmarks;

/// <summary>A whole training step here beside one of Hugging Face's graph (float32, dropout, all positions through the head) with the same fused optimizer: rounds in turn, medians.</summary>
internal static class StepBenchmark
{
    private const int BlockLength = 128;
    private const int StepsARound = 3;

    private static readonly (string Size, int Batch, int Vocabulary)[] Cases = [("mini", 32, 8_000), ("minilm", 32, 30_522), ("base", 16, 30_522)];

    public static void Run(Arguments arguments)
    {
        Report.Head("Training steps", "model, batch × 128", "precision", "s / step", "tokens/s", "share of the peak", "Hugging Face's graph, fp32, s / step", "ratio", "memory, MB");
        foreach (var (size, batch, vocabulary) in Cases.Where(c => arguments.Sizes.Contains(c.Size)))
        {
            using var peer = arguments.Find("peers", size + "-fp32.pt.xz") is { } packed ? new PeerSteps(Peer.Unpack(packed), batch, vocabulary) : null;
            foreach (var architecture in new[] { "bert", "modernbert" })
                Compare(arguments, peer, architecture, size, batch, vocabulary);
        }
    }

    private static void Compare(Arguments arguments, PeerSteps? peer, string architecture, string size, int batch, int vocabulary)
    {
        var ours = new List<TrainingBenchmarkResult>();
        var theirs = new List<double>();
        for (var round = 0; round < arguments.Rounds; round++)
        {
            ours.Add(TrainingBenchmark.Run(new TrainingBenchmarkOptions
            {
                Architecture = architecture,
                Size = size,
                VocabularySize = vocabulary,
                BatchSize = batch,
                BlockLength = BlockLength,
                Precision = arguments.Precision,
                Steps = StepsARound,
                Device = "cpu", // where the graph is
            }));
            if (peer is not null)
                theirs.AddRange(peer.Time(StepsARound));
        }

        var step = Report.Median([.. ours.Select(r => r.StepTime.TotalSeconds)]);
        var peak = ours.Max(r => r.Precision == ComputePrecision.BFloat16 ? r.BFloat16Peak : r.Float32Peak);
        var baseline = theirs.Count == 0 ? double.NaN : Report.Median(theirs);
        Report.Row(
            $"{architecture} {size}, {batch}",
            arguments.Precision.ToString(),
            Report.Spread([.. ours.Select(r => r.StepTime.TotalSeconds)]),
            Report.Number(batch * BlockLength / step, "#,0"),
            Report.Number(ours[0].UsefulGflop / step / peak),
            theirs.Count == 0 ? "–" : Report.Spread(theirs),
            theirs.Count == 0 ? "–" : Report.Number(baseline / step) + " ×",
            Report.Number(ours.Max(r => r.PeakMemoryBytes) / 1e6, "#,0"));
    }

    private sealed class PeerSteps : IDisposable
    {
        private readonly jit.ScriptModule<Tensor, Tensor, Tensor> _module;
        private readonly AdamW _optimizer;
        private readonly Tensor _ids;
        private readonly Tensor _labels;
        private bool _warm;

        public PeerSteps(string path, int batch, int vocabulary)
        {
            _module = jit.load<Tensor, Tensor, Tensor>(path);
            Peer.Initialize(_module);
            _module.train();
            _optimizer = new AdamW(_module.named_parameters().DistinctBy(p => p.parameter.Handle).Select(p => new ModelParameter(p.name, p.parameter, p.parameter.dim() > 1)), new AdamWSettings());
            using var scope = NewDisposeScope();
            _ids = randint(5, vocabulary, [batch, BlockLength], ScalarType.Int64).MoveToOuterDisposeScope();
            _labels = where(rand(batch, BlockLength).lt(0.15), _ids, full_like(_ids, -100)).MoveToOuterDisposeScope();
        }

        public IEnumerable<double> Time(int steps)
        {
            for (var step = _warm ? 0 : -3; step < steps; step++)
            {
                var watch = Stopwatch.StartNew();
                using (NewDisposeScope())
                {
                    _module.call(_ids, _labels).backward();
                    _optimizer.Step(1e-4).Dispose();
                }

                if (step >= 0)
                    yield return watch.Elapsed.TotalSeconds;
            }

            _warm = true;
        }

        public void Dispose()
        {
            _optimizer.Dispose();
            _ids.Dispose();
            _labels.Dispose();
            _module.Dispose();
        }
    }
}
