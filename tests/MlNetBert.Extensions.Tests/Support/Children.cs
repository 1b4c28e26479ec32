using System.Globalization;
using Microsoft.ML;
using MlNetBert;
using MlNetBert.Cli;
using MlNetBert.Evaluation;
using MlNetBert.FillMask;
using MlNetBert.Tests.Common;

namespace Stranger.Support;

/// <summary>What tests do in a process of its own; each takes and gives a line.</summary>
internal static class Children
{
    /// <summary>Trains from files until it is killed, and says what happens, a line each: "texts|directory".</summary>
    public static string TrainFromFiles(string argument)
    {
        Registration.Register();
        var parts = argument.Split('|');
        Runs.FromFiles(parts[0], parts[1], new Listener(Say));
        return "";
    }

    /// <summary>Fits a pipeline until it is killed, and says what happens, a line each: "directory".</summary>
    public static string TrainInAPipeline(string directory)
    {
        Registration.Register();
        Runs.InAPipeline(directory, new Listener(Say));
        return "";
    }

    /// <summary>Opens a zip and a directory of one model, "zip|directory", and says what both compute.</summary>
    public static string Open(string argument)
    {
        Registration.Register();
        var parts = argument.Split('|');
        return string.Join('|', DescribeZip(parts[0]), DescribeDirectory(parts[1]));
    }

    /// <summary>Opens zips, directories and tokenizers without registering anything first, and says what is said of each.</summary>
    public static string OpenUnregistered(string argument)
    {
        var parts = argument.Split('|');
        return string.Join('|', parts.Select(path => Failure(() => Path.GetExtension(path) switch
        {
            ".zip" => DescribeZip(path),
            ".json" => SubwordTokenizer.FromTokenizerFile(path).ModelType,
            _ => DescribeDirectory(path),
        })));

        static string Failure(Func<string> open)
        {
            try
            {
                return "opened: " + open();
            }
            catch (Exception e)
            {
                return $"{e.GetBaseException().GetType().Name}: {e.GetBaseException().Message.ReplaceLineEndings(" ")}";
            }
        }
    }

    /// <summary>Runs the tool as a program with extensions does: a line with arguments between tabs.</summary>
    public static string RunTool(string arguments)
    {
        Registration.Register();
        return RunPlainTool(arguments);
    }

    /// <summary>Runs the tool as it comes.</summary>
    public static string RunPlainTool(string arguments) => MlNetBertTool.Run(arguments.Split('\t')).ToString(CultureInfo.InvariantCulture);

    /// <summary>What the pipeline of a zip gives for a text.</summary>
    public static string DescribeZip(string path)
    {
        var ml = new MLContext();
        using var loaded = (IDisposable)ml.Model.Load(path, out _);
        var vectors = ((ITransformer)loaded).Transform(ml.Data.LoadFromEnumerable([new TextLine { Text = Texts.Sentences[0] }]));
        var vector = ml.Data.CreateEnumerable<Vectors>(vectors, reuseRowObject: false).Single().Vector;
        return string.Join(' ', vector.Take(4).Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
    }

    /// <summary>What a model gives for a masked text, and how well it knows sentences.</summary>
    public static string DescribeDirectory(string path)
    {
        using var model = PretrainedModel.FromDirectory(path);
        var candidate = new MaskFiller(model).Fill("the c[MASK]").Candidates[0][0];
        var evaluation = new PretrainingEvaluator(model, new PretrainingEvaluationOptions { BlockLength = Texts.BlockLength }, TokenReversal.TokenReversalTask.Instance)
            .Evaluate(Texts.Sentences);
        return string.Create(CultureInfo.InvariantCulture, $"{model.Config.ModelType} {model.Tokenizer.ModelType} {candidate.TokenId} {candidate.Score:R} {evaluation.Loss:R} {evaluation.TargetCount}");
    }

    private static void Say(TrainingProgress value)
    {
        Console.WriteLine(FormattableString.Invariant($"{value.Kind} {value.Step}"));
        if (value is { Kind: TrainingProgressKind.Log, Step: Runs.KilledAt })
            new ManualResetEventSlim().Wait(); // until it is killed
    }

    private sealed class Vectors
    {
        public float[] Vector { get; set; } = [];
    }
}
