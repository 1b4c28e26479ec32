using System.CommandLine;
using System.CommandLine.Parsing;
using MlNetBert.Pretraining;

namespace MlNetBert.Cli.Parsing;

/// <summary>What is trained for, and the options that only some objectives have.</summary>
internal sealed class ObjectiveArguments
{
    private readonly Option<string?> _objective = Inputs.Objective($"What to train for. Default: {PretrainingTask.Default.Name}.");
    private readonly (PretrainingTask Task, PretrainingArgument Argument, Option Option)[] _own =
    [
        .. PretrainingTask.All.SelectMany(task => task.Arguments.Select(argument => (task, argument, OptionOf(argument)))),
    ];

    /// <summary>The options.</summary>
    public Option[] All => [_objective, .. _own.Select(own => own.Option)];

    /// <summary>Rejects options of objectives that are not trained for.</summary>
    public void Check(CommandResult result)
    {
        var name = result.GetValue(_objective) ?? PretrainingTask.Default.Name;
        foreach (var (task, _, option) in _own.Where(own => own.Task.Name != name && result.GetResult(own.Option) is { Implicit: false }))
            result.AddError($"{option.Name} goes with {_objective.Name} {task.Name}.");
    }

    /// <summary>The objective's options, with those of its own that were given.</summary>
    public PretrainingOptions Of(ParseResult arguments)
    {
        var task = PretrainingTask.Get(arguments.GetValue(_objective) ?? PretrainingTask.Default.Name);
        return _own.Where(own => own.Task == task).Aggregate(
            task.CreateOptions(),
            (options, own) => arguments.GetResult(own.Option) is { Implicit: false } given
                ? own.Argument.Set(options, given.GetRequiredValue<object>(own.Option.Name)) : options);
    }

    private static Option OptionOf(PretrainingArgument argument)
    {
        Option option = argument.ValueType == typeof(double) ? new Option<double>(argument.Name)
            : argument.ValueType == typeof(int) ? new Option<int>(argument.Name)
            : argument.ValueType == typeof(bool) ? new Option<bool>(argument.Name)
            : new Option<string>(argument.Name);
        option.Description = argument.Description;
        option.HelpName = argument.HelpName;
        return option;
    }
}
