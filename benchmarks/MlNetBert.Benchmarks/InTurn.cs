using System.Diagnostics;

namespace MlNetBert.Benchmarks;

/// <summary>Things timed in turn, so that a slow moment of the machine is everyone's.</summary>
internal static class InTurn
{
    /// <summary>Seconds of a call, for each round; one round before does not count.</summary>
    /// <param name="rounds">How often each has its turn.</param>
    /// <param name="calls">Calls of a turn, in a row.</param>
    /// <param name="first">The one.</param>
    /// <param name="second">The other.</param>
    /// <param name="prepare">Runs before each call; its time does not count.</param>
    public static (List<double> First, List<double> Second) Time(int rounds, int calls, Action first, Action second, Action? prepare = null)
    {
        var (firsts, seconds) = (new List<double>(), new List<double>());
        for (var round = -1; round < rounds; round++)
        {
            var (one, other) = (Time(calls, first, prepare), Time(calls, second, prepare));
            if (round < 0)
                continue;
            firsts.Add(one);
            seconds.Add(other);
        }

        return (firsts, seconds);
    }

    /// <summary>Processor seconds of a call, its garbage collections among them, for each thing and round: what other processes do counts
    /// less than on a clock.</summary>
    /// <param name="rounds">How often each has its turn.</param>
    /// <param name="calls">Calls of a turn, in a row.</param>
    /// <param name="warmUp">Rounds before that do not count, in which code is compiled and optimized.</param>
    /// <param name="actions">The things.</param>
    public static IReadOnlyList<double>[] ProcessorTime(int rounds, int calls, int warmUp, IEnumerable<Action> actions)
    {
        (Action Action, List<double> Seconds)[] all = [.. actions.Select(action => (action, new List<double>()))];
        for (var round = -warmUp; round < rounds; round++)
        {
            foreach (var (action, seconds) in all)
            {
                var before = Environment.CpuUsage.TotalTime;
                for (var call = 0; call < calls; call++)
                    action();
                if (round >= 0)
                    seconds.Add((Environment.CpuUsage.TotalTime - before).TotalSeconds / calls);
            }
        }

        return [.. all.Select(IReadOnlyList<double> (one) => one.Seconds)];
    }

    private static double Time(int calls, Action action, Action? prepare)
    {
        var watch = new Stopwatch();
        for (var call = 0; call < calls; call++)
        {
            prepare?.Invoke();
            watch.Start();
            action();
            watch.Stop();
        }

        return watch.Elapsed.TotalSeconds / calls;
    }
}
