using Stranger.Support;

// The registries, thread counts and live tensors are the process's: one test at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Trained))]
