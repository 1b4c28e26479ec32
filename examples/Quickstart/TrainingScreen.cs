using System.Globalization;
using MlNetBert;
using Spectre.Console;

namespace Quickstart;

/// <summary>Shows a training run: a bar with loss, tokens per second and time left on a terminal, plain lines elsewhere.</summary>
public sealed class TrainingScreen(IAnsiConsole console)
{
    /// <summary>Runs the work and shows what it reports meanwhile.</summary>
    /// <param name="work">The training; it reports to the listener that it is given.</param>
    public T Run<T>(Func<IProgress<TrainingProgress>, T> work)
    {
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Out.IsTerminal)
            return work(new Listener(Print));

        return console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                var task = context.AddTask("Training");
                return work(new Listener(progress => Update(task, progress)));
            });
    }

    private static void Update(ProgressTask task, TrainingProgress progress)
    {
        if (progress.TotalSteps is { } total)
            task.MaxValue = total;
        task.Value = progress.Step;
        if (progress.Kind == TrainingProgressKind.Log)
            task.Description = Describe(progress);
    }

    private void Print(TrainingProgress progress)
    {
        if (progress.Kind == TrainingProgressKind.Log)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {progress.Step,5} of {progress.TotalSteps}  {Describe(progress)}"));
        else if (progress.Kind == TrainingProgressKind.Warning)
            console.WriteLine(progress.Message ?? "");
    }

    private static string Describe(TrainingProgress progress) => string.Create(
        CultureInfo.InvariantCulture,
        $"loss {progress.Loss:0.00}  {progress.TokensPerSecond:N0} tokens/s  {progress.Remaining:mm\\:ss} left");

    private sealed class Listener(Action<TrainingProgress> listen) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => listen(value);
    }
}
