using System.Globalization;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Checkpoints;

/// <summary>Kills a training process for good (SIGKILL), again and again, and lets it go on.</summary>
public class KillTests
{
    // MLNETBERT_LONG_TESTS=1 kills a hundred times, another number as often as it says.
    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("MLNETBERT_LONG_TESTS"), CultureInfo.InvariantCulture, out var number)
        ? number <= 1 ? 100 : number
        : 5;

    [Fact]
    public void Run_KilledAtRandomPointsAndResumed_EndsWithTheSameBytes()
    {
        using var directory = new TemporaryDirectory();
        var whole = directory.File("whole");
        new MlmRun(whole).Run();
        var draws = new PhiloxStream(2024, 1, 0);
        var (kill, round) = (0, 0);
        while (kill < Kills)
        {
            var parts = directory.File("parts" + round++);
            while (kill < Kills)
            {
                var (inside, at) = (draws.Bounded(kill, 0, 3) == 0, 1 + draws.Bounded(kill, 1, 9));
                var seen = 0;
                // A number of lines from the start of the process, or the first write of a checkpoint: the child then waits inside it.
                var (killed, lines) = ChildProcess.RunUntil(Train, $"{parts}\n{(inside ? "wait" : "")}", line => inside ? line == "inside" : line.StartsWith("event ", StringComparison.Ordinal) && ++seen == at);
                if (!killed)
                    break;
                kill++;
                if (inside)
                    Assert.NotEmpty(Leftovers(parts));
                Assert.Contains(lines, line => line.StartsWith("event ", StringComparison.Ordinal));
            }

            ChildProcess.RunUntil(Train, parts + "\n", _ => false);

            Assert.Empty(Leftovers(parts));
            foreach (var file in new[] { "model.safetensors", "config.json", "trainer/optimizer.safetensors", "trainer/best.safetensors" })
                Assert.Equal(File.ReadAllBytes(Final(whole, file)), File.ReadAllBytes(Final(parts, file)));
        }
    }

    private static string Final(string directory, string file) => Path.Combine(directory, "step-" + MlmRun.Steps, file);

    private static IEnumerable<string> Leftovers(string directory) => Directory.EnumerateFileSystemEntries(directory, ".*");

    /// <summary>The child: says what happens, a line each.</summary>
    private static string Train(string argument)
    {
        var (directory, wait) = (argument.Split('\n')[0], argument.Split('\n')[1] == "wait");
        var run = new MlmRun(directory)
        {
            Wrap = state => new WatchedState(state, (_, _) =>
            {
                if (!wait)
                    return;
                Console.WriteLine("inside");
                new ManualResetEventSlim().Wait(); // until it is killed
            }),
        };
        var (_, result) = run.Reporting(new Recorder(e => Console.WriteLine($"event {e.Kind} {e.Step}"))).Run();
        return result.Outcome.ToString();
    }
}
