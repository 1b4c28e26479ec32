// Our figures beside a baseline's, in one process: times differ between machines and moments, ratios in one run much less.
//   dotnet run -c Release --project benchmarks/MlNetBert.Benchmarks -- [steps|kernels|inference|calls|tokenizing|vocabularies|opening …] [--sizes mini,minilm,base] [--rounds 3] [--precision fp32|bf16]
// The baselines lie in ../shared beside the checkout; what is not there is left out with a message.
using MlNetBert.Benchmarks;

if (args is [OpeningBenchmark.Child, var directory])
    return OpeningBenchmark.Tell(directory);
if (Arguments.Parse(args) is not { } arguments)
    return 2;
Report.Machine();
if (arguments.Runs("steps"))
    StepBenchmark.Run(arguments);
if (arguments.Runs("kernels"))
    KernelBenchmark.Run(arguments);
if (arguments.Runs("inference"))
    InferenceBenchmark.Run(arguments);
if (arguments.Runs("calls"))
    CallBenchmark.Run(arguments);
if (arguments.Runs("tokenizing"))
    TokenizingBenchmark.Run(arguments);
if (arguments.Runs("vocabularies"))
    VocabularyBenchmark.Run(arguments);
if (arguments.Runs("opening"))
    OpeningBenchmark.Run(arguments);
return 0;
