using System.CommandLine;
using System.CommandLine.Parsing;
using MlNetBert.Cli.Output;

namespace MlNetBert.Cli.Parsing;

/// <summary>The model of a verb, as its first argument or as <c>--model</c>, and the revision of a model on the Hub.</summary>
internal sealed class ModelInput
{
    /// <summary>What a model is.</summary>
    public const string Help = "A Hugging Face directory, an ML.NET zip saved by MlNetBert, or a Hub model id (OWNER/NAME).";

    private readonly Option<string> _revision = Inputs.Revision();
    private readonly Option[] _instead;

    /// <summary>The model of a verb.</summary>
    /// <param name="instead">Options that may be given instead of a model.</param>
    public ModelInput(params Option[] instead) => _instead = instead;

    /// <summary>The argument.</summary>
    public Argument<string?> Argument { get; } = new("MODEL") { Description = Help, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>The option with the same meaning.</summary>
    public Option<string?> Option { get; } = new("--model") { Description = "The model, instead of the argument.", HelpName = "MODEL" };

    /// <summary>What a verb takes for its model.</summary>
    public Symbol[] All => [Argument, Option, _revision];

    /// <summary>The revision of a model on the Hub.</summary>
    public Option RevisionOption => _revision;

    /// <summary>Whether the model, or what is given instead, is named by an option, so that the first argument is something else.</summary>
    public bool IsNamedByOption(CommandResult result) =>
        _instead.Append(Option).Any(option => result.GetResult(option) is { Implicit: false });

    /// <summary>Requires the model once, in a verb whose only argument it is.</summary>
    public void RequireOnce(Command command) => command.Validators.Add(result =>
    {
        var isArgument = result.GetResult(Argument) is { Tokens.Count: > 0 };
        if (isArgument == IsNamedByOption(result))
            result.AddError(isArgument ? "MODEL and --model exclude each other." : "MODEL or --model MODEL is required.");
    });

    /// <summary>The model's name.</summary>
    public string Name(ParseResult arguments) => arguments.GetValue(Option) ?? arguments.GetRequiredValue(Argument)!;

    /// <summary>Finds the model.</summary>
    public ModelSource Find(ParseResult arguments, Session session) => Find(Name(arguments), arguments, session);

    /// <summary>Finds a model by its name.</summary>
    public ModelSource Find(string name, ParseResult arguments, Session session) =>
        Inputs.FindModel(name, arguments, _revision, session);
}
