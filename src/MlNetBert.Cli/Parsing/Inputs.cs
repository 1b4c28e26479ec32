using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Hub;
using MlNetBert.Training;

namespace MlNetBert.Cli.Parsing;

/// <summary>The arguments and options that several verbs have.</summary>
internal static class Inputs
{
    private const string ModelHelp = "A Hugging Face directory, an ML.NET zip saved by this project, or an id of the hub (OWNER/NAME).";

    public static Option<string> ModelOption(bool required = true) =>
        new("--model") { Description = ModelHelp, HelpName = "MODEL", Required = required };

    public static Argument<string> ModelArgument() => new("MODEL") { Description = ModelHelp };

    public static Option<string> Revision() => new("--revision")
    {
        Description = "Branch, tag or commit of a model of the hub.",
        HelpName = "NAME",
        DefaultValueFactory = _ => HubClient.DefaultRevision,
    };

    public static Option<string> Data(string name, bool required, string description) => new(name)
    {
        Description = description + " (.txt, .tsv, .csv, .jsonl, or a directory of them)",
        HelpName = "F",
        Required = required,
    };

    public static Option<int?> AlphabetLimit() => new Option<int?>("--alphabet-limit")
    {
        Description = "Different characters that a vocabulary keeps, the most frequent. Default: 1000, or as many as the texts "
            + "need and the size allows.",
        HelpName = "N",
    }.AtLeast(1);

    public static Option<string?> Precision(string standard = "fp32") => new Option<string?>("--precision")
    {
        Description = "Number format of matrix products.",
        DefaultValueFactory = _ => standard,
    }.OneOf("fp32", "bf16", "auto");

    public static Option<bool> ActivationCheckpointing() => new("--activation-checkpointing")
    {
        Description = "Keep less for the way back and compute it again: more time, at most a third, and much less memory.",
    };

    /// <summary>An option with a few values, named in the help and in the message about another one.</summary>
    public static Option<string?> OneOf(this Option<string?> option, params string[] values)
    {
        option.HelpName = string.Join('|', values);
        option.CompletionSources.Add(values);
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value is var value && !values.Contains(value, StringComparer.Ordinal))
            {
                var nearest = NearestName.Of(value, values);
                result.AddError(
                    $"{option.Name} must be {string.Join(", ", values[..^1])} or {values[^1]}, but is "
                        + $"'{value}'.{(nearest is null ? "" : $" Did you mean {nearest}?")}");
            }
        });
        return option;
    }

    /// <summary>An option for a number that may have a fraction; .NET would read <c>0,01</c> as thousands, which is 1.</summary>
    public static Option<T> WithPoint<T>(this Option<T> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value is var value && value.Contains(',', StringComparison.Ordinal))
                result.AddError($"{option.Name} must be a number without commas, such as 0.5, but is '{value}'.");
        });
        return option;
    }

    /// <summary>An option for a whole number that has a least value.</summary>
    public static Option<T> AtLeast<T>(this Option<T> option, int least)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1
                && int.TryParse(result.Tokens[0].Value, System.Globalization.CultureInfo.InvariantCulture, out var value) && value < least)
                result.AddError($"{option.Name} must be at least {least}, but is {value}.");
        });
        return option;
    }

    public static Precision ToPrecision(string name) => name switch
    {
        "fp32" => Training.Precision.Float32,
        "bf16" => Training.Precision.BFloat16,
        _ => Training.Precision.Auto,
    };

    /// <summary>The model of a name; what is fetched for it is said on standard error.</summary>
    public static ModelSource FindModel(string name, string revision, Session session)
    {
        var source = ModelSource.Find(name, revision, new HubOptions { Progress = new DownloadMessages(session), Listener = session });
        if (source.Kind == ModelSourceKind.Hub)
            session.Say($"{name} is no directory or file here: looking for it in the hub's cache and on the hub.");
        return source;
    }

    /// <summary>Whether a vocabulary is a tokenizer.json, which has settings of its own, rather than a list of pieces.</summary>
    public static bool IsTokenizerFile(string? path) => path?.EndsWith(".json", StringComparison.OrdinalIgnoreCase) == true;
}
