using System.CommandLine;
using MlNetBert.Benchmarking;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Models;
using MlNetBert.Pretraining;

namespace MlNetBert.Cli.Verbs;

/// <summary>Times training steps beside the machine's matrix products.</summary>
internal sealed class BenchVerb : Verb
{
    private static readonly TrainingBenchmarkOptions Defaults = new();

    private readonly Option<string?> _objective = Inputs.Objective($"What the steps train for. Default: {PretrainingTask.Default.Name}.");
    private readonly Option<string?> _architecture = Inputs.Architecture("The model's architecture.");
    private readonly Option<string?> _size = Choice("--size", "The model's size.", Defaults.Size, ModelSize.All.Select(s => s.Name));
    private readonly Option<int> _vocabularySize =
        Number("--vocabulary-size", "Pieces of the vocabulary.", Defaults.VocabularySize, least: 100);
    private readonly Option<int> _batch = Number("--batch-size", "Blocks per step.", Defaults.BatchSize, least: 1).Formerly("--batch");
    private readonly Option<int> _block = Number("--block-length", "Tokens per block.", Defaults.BlockLength, least: 8).Formerly("--block");
    private readonly Option<string?> _precision = Inputs.Precision("auto");
    private readonly Option<int> _steps = Number(
        "--steps",
        "Steps that are timed, after three that are not; the median counts. On a GPU after as many, and the mean.",
        Defaults.Steps,
        least: 1);
    private readonly MicroBatchArguments _microBatch =
        new("Blocks that go through the model at once. Default: as pretrain chooses.");
    private readonly Option<bool> _activationCheckpointing = Inputs.ActivationCheckpointing();
    private readonly Option<string> _device = Inputs.Device();
    private readonly Option<int?> _threads =
        new Option<int?>("--threads") { Description = "Threads of libtorch. Default: one per core.", HelpName = "N" }.AtLeast(1);

    public BenchVerb()
        : base("bench", "Benchmark training steps and this machine's matmul peak.") =>
        Takes([
            _objective, _architecture, _size, _vocabularySize, _batch, _block, _precision, _steps, .. _microBatch.All,
            _activationCheckpointing, _device, _threads]);

    public override IReadOnlyList<string> Examples { get; } =
    [
        "bench",
        "bench --architecture bert --size minilm --batch-size 32 --precision fp32",
        "bench --size mini --vocabulary-size 8000 --batch-size 32 --json",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        var batch = arguments.GetValue(_batch);
        var result = TrainingBenchmark.Run(new TrainingBenchmarkOptions
        {
            Task = arguments.GetValue(_objective) is { } objective ? PretrainingTask.Get(objective) : Defaults.Task,
            Architecture = arguments.GetValue(_architecture),
            Size = arguments.GetRequiredValue(_size)!,
            VocabularySize = arguments.GetValue(_vocabularySize),
            BatchSize = batch,
            MicroBatchSize = _microBatch.Of(arguments, batch),
            ActivationCheckpointing = arguments.GetValue(_activationCheckpointing),
            BlockLength = arguments.GetValue(_block),
            Precision = Inputs.ToPrecision(arguments.GetRequiredValue(_precision)!),
            Steps = arguments.GetValue(_steps),
            Device = arguments.GetRequiredValue(_device),
            Threads = arguments.GetValue(_threads),
        }, session.CancellationToken);
        session.Result(
            new
            {
                Precision = result.Precision == ComputePrecision.BFloat16 ? "bf16" : "fp32",
                result.Device,
                result.Threads,
                result.Parameters,
                StepS = result.StepTime.TotalSeconds,
                result.TokensPerSecond,
                Float32GemmGflopsPerSecond = result.Float32Peak,
                Bfloat16GemmGflopsPerSecond = result.BFloat16Peak,
                GemmFp32Gflops = result.Float32Peak,
                GemmBf16Gflops = result.BFloat16Peak,
                result.UsefulGflop,
                result.PeakUtilization,
                ShareOfPeak = result.PeakUtilization,
                PeakMemoryMb = result.PeakMemoryBytes / 1e6,
                DeviceMemoryMb = result.DeviceMemoryBytes / 1e6,
            },
            screen => screen.Facts(
            [
                ("parameters", Tables.Count(result.Parameters)),
                ("a step", Tables.Number(result.StepTime.TotalSeconds, "0.000") + " s"),
                ("tokens a second", Tables.Number(result.TokensPerSecond, "#,0")),
                ("products, fp32", Tables.Number(result.Float32Peak, "#,0") + " GFLOP/s"),
                ("products, bf16", Tables.Number(result.BFloat16Peak, "#,0") + " GFLOP/s"),
                ("useful", Tables.Number(result.UsefulGflop, "#,0.0") + " GFLOP a step"),
                ("peak utilization",
                    $"{Tables.Number(result.PeakUtilization, "0.00")} in "
                        + $"{(result.Precision == ComputePrecision.BFloat16 ? "bf16" : "fp32")}, {result.Threads} threads, "
                        + $"{result.Device}"),
                ("memory", Tables.Number(result.PeakMemoryBytes / 1e6, "#,0") + " MB"),
                ("memory of the GPU",
                    result.DeviceMemoryBytes is { } used ? Tables.Number(used / 1e6, "#,0") + " MB, all processes" : null),
            ]));
        return ExitCodes.Done;
    }

    private static Option<string?> Choice(string name, string description, string standard, IEnumerable<string> values) =>
        new Option<string?>(name) { Description = description, DefaultValueFactory = _ => standard }.OneOf([.. values]);

    private static Option<int> Number(string name, string description, int standard, int least) =>
        new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard }.AtLeast(least);
}
