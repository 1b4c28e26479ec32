using System.Diagnostics;

namespace MlNetBert.Benchmarks;

/// <summary>Two things timed in turn, so that a slow moment of the machine is both's.</summary>
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
