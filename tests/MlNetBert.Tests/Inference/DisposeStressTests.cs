using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Embeddings;
using MlNetBert.Evaluation;
using MlNetBert.FillMask;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Inference;

/// <summary>Disposing while other threads work, in processes of their own: what goes wrong there ends the process.</summary>
public sealed class DisposeStressTests : IDisposable
{
    private static readonly string[] Texts = ["The cat [MASK] near the mat.", "The dog sleeps.", "The [MASK] runs near the old house and the river."];

    private readonly TemporaryDirectory _directory = new();

    public DisposeStressTests()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        model.Save(_directory.File("model"));
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void EnginesOfOneTransformer_DisposedOfOneByOne_LeaveTheOthersAtWork()
    {
        var child = ChildProcess.Run(RunEngines, _directory.File("model"));

        Assert.True(child.ExitCode == 0, $"exit {child.ExitCode}: {child.Error}");
        Assert.Equal("4800 predictions, 0 faults", child.Result);
    }

    [Fact]
    public void DisposeFromAnotherThread_AmidEveryKindOfCall_EndsThemOrRefusesThem()
    {
        var child = ChildProcess.Run(RunCalls, _directory.File("model"));

        Assert.True(child.ExitCode == 0, $"exit {child.ExitCode}: {child.Error}");
        var parts = child.Result!.Split(';');
        Assert.True(parts[2].Length == 0, parts[2]);
        Assert.True(int.Parse(parts[0], CultureInfo.InvariantCulture) > 100, $"calls: {parts[0]}");
        Assert.True(int.Parse(parts[1], CultureInfo.InvariantCulture) > 10, $"refused: {parts[1]}");
    }

    // Four threads with an engine each, which they dispose of at different times; the owner's lease goes first.
    private static string RunEngines(string directory)
    {
        TorchSharp.torch.set_num_threads(1);
        var ml = new MLContext(seed: 1);
        var (done, faults) = (0, new ConcurrentBag<Exception>());
        for (var round = 0; round < 30; round++)
        {
            using var model = PretrainedModel.FromDirectory(directory);
            var embedding = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(ml.Data.LoadFromEnumerable<TextLine>([]));
            model.Dispose();
            using var ready = new Barrier(5);
            var threads = Enumerable.Range(0, 4).Select(k => Start(() =>
            {
                using var engine = ml.Model.CreatePredictionEngine<TextLine, Vector>(embedding);
                ready.SignalAndWait();
                for (var i = 0; i < 10 + (20 * k); i++)
                {
                    engine.Predict(new TextLine { Text = Texts[i % Texts.Length] });
                    Interlocked.Increment(ref done);
                }
            })).ToList();
            ready.SignalAndWait();
            embedding.Dispose();
            threads.ForEach(thread => thread.Join());
        }

        return $"{done} predictions, {faults.Count} faults{string.Join(' ', faults)}".ReplaceLineEndings(" ");

        Thread Start(Action action)
        {
            var thread = new Thread(() =>
            {
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    faults.Add(e);
                }
            });
            thread.Start();
            return thread;
        }
    }

    // Each kind of call on a thread of its own, over and over, until one is refused; a thread that disposes amid them.
    private static string RunCalls(string directory)
    {
        TorchSharp.torch.set_num_threads(1);
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        var (done, refused, faults) = (0, 0, new ConcurrentDictionary<string, int>());
        for (var round = 0; round < 12; round++)
        {
            var model = PretrainedModel.FromDirectory(directory);
            var rows = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 600).Select(i => new TextLine { Text = Texts[i % Texts.Length] }));
            var embedding = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(rows);
            var engine = ml.Model.CreatePredictionEngine<TextLine, Vector>(embedding);
            var tokens = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Append(Tiny.Group(ml)).Fit(rows).Transform(rows);
            var index = EmbeddingIndex.BuildFromText(ml, rows, "Text", model);
            var temporary = Directory.CreateTempSubdirectory("mlnetbert-tests-").FullName;
            var ids = Texts.Select(text => model.Tokenizer.EncodeToIds(text)).ToArray();
            var embedder = new TextEmbedder(model);
            var tokenEmbedder = new TokenEmbedder(model);
            var filler = new MaskFiller(model);
            var evaluator = new PretrainingEvaluator(model, new PretrainingEvaluationOptions { BlockLength = 16 });
            Action[] calls =
            [
                () => engine.Predict(new TextLine { Text = Texts[0] }),
                () => embedding.Transform(rows).GetColumn<float[]>("Features").Count(),
                () => ml.Model.Save(embedding, rows.Schema, new MemoryStream()),
                () => embedder.Embed(Texts),
                () => tokenEmbedder.Embed(Texts),
                () => filler.FillTokens(ids),
                () => evaluator.Evaluate(SmallCorpus.Sentences),
                () => index.Search(Texts[1], 3),
                () => model.Save(Path.Combine(temporary, "saved")),
                () => ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(rows).Dispose(),
                () => Labeled.Pipeline(ml, model, Labeled.Options(epochs: 1)).Fit(Labeled.Load(ml)).Dispose(),
                () => ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", model, new MlmOptions { MaxSteps = 1, BatchSize = 2, Threads = 1, Device = "cpu" }).Fit(tokens).Dispose(),
            ];
            using var ready = new Barrier(calls.Length + 1);
            var threads = calls.Select(call => new Thread(() =>
            {
                ready.SignalAndWait();
                for (var isRefused = false; !isRefused;)
                {
                    try
                    {
                        call();
                        Interlocked.Increment(ref done);
                    }
                    catch (ObjectDisposedException e) when (e.ObjectName.StartsWith("MlNetBert", StringComparison.Ordinal))
                    {
                        isRefused = true;
                        Interlocked.Increment(ref refused);
                    }
                    catch (Exception e)
                    {
                        isRefused = true;
                        faults.AddOrUpdate(e.ToString().ReplaceLineEndings(" "), 1, (_, n) => n + 1);
                    }
                }
            })).ToList();
            threads.ForEach(thread => thread.Start());
            ready.SignalAndWait();
            var calm = done + random.Next(1, 40);
            SpinWait.SpinUntil(() => Volatile.Read(ref done) >= calm, TimeSpan.FromMinutes(1));
            model.Dispose();
            embedding.Dispose();
            index.Dispose();
            engine.Dispose();
            threads.ForEach(thread => thread.Join());
            Directory.Delete(temporary, recursive: true);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{done};{refused};{string.Join(" | ", faults.Select(f => $"{f.Value} × {f.Key}"))}");
    }

    private sealed class Vector
    {
        public float[] Features { get; set; } = [];
    }
}
