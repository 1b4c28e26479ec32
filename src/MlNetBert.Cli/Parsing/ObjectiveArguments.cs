using System.CommandLine;
using System.CommandLine.Parsing;
using MlNetBert.Pretraining;

namespace MlNetBert.Cli.Parsing;

/// <summary>What is trained for, and the options that only some objectives have.</summary>
internal sealed class ObjectiveArguments
{
    private readonly Option<string?> _objective = Inputs.Objective($"What to train for. Default: {PretrainingTask.Default.Name}.");
    private readonly Dictionary<string, Option> _own = OptionsOf(PretrainingTask.All);

    /// <summary>The options.</summary>
    public Option[] All => [_objective, .. _own.Values];

    /// <summary>Rejects options of objectives that are not trained for.</summary>
    public void Check(CommandResult result)
    {
        var name = result.GetValue(_objective) ?? PretrainingTask.Default.Name;
        foreach (var option in _own.Values.Where(option => result.GetResult(option) is { Implicit: false }))
        {
            string[] tasks = [.. PretrainingTask.All.Where(task => task.Arguments.Any(own => own.Name == option.Name)).Select(t => t.Name)];
            if (!tasks.Contains(name, StringComparer.Ordinal))
                result.AddError($"{option.Name} goes with {_objective.Name} {string.Join(" or ", tasks)}.");
        }
    }

    /// <summary>The objective's options, with those of its own that were given.</summary>
    public PretrainingOptions Of(ParseResult arguments)
    {
        var task = PretrainingTask.Get(arguments.GetValue(_objective) ?? PretrainingTask.Default.Name);
        return task.Arguments.Aggregate(task.CreateOptions(), (options, own) =>
            arguments.GetResult(_own[own.Name]) is { Implicit: false } given
                ? own.Set(options, given.GetRequiredValue<object>(own.Name))
                : options);
    }

    private static Dictionary<string, Option> OptionsOf(IEnumerable<PretrainingTask> tasks)
    {
        var options = new Dictionary<string, Option>(StringComparer.Ordinal);
        foreach (var own in tasks.SelectMany(task => task.Arguments).DistinctBy(own => own.Name).OrderBy(own => own.StandsFor is not null))
            options.Add(own.Name, OptionOf(own, own.StandsFor is { } name ? options[name] : null));
        return options;
    }

    private static Option OptionOf(PretrainingArgument own, Option? standsFor)
    {
        Option option = own.ValueType == typeof(double) ? new Option<double>(own.Name)
            : own.ValueType == typeof(int) ? new Option<int>(own.Name)
            : own.ValueType == typeof(bool) ? standsFor is null ? new Option<bool>(own.Name) : new EarlierOption<bool>(own.Name, standsFor)
            : own.Choices.Count > 0 ? new Option<string?>(own.Name).OneOf([.. own.Choices])
            : new Option<string?>(own.Name);
        option.Description = own.Description;
        option.HelpName = own.HelpName;
        return option.Formerly([.. own.Aliases]);
    }
}
