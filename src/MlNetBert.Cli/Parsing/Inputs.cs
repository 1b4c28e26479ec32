using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Hub;
using MlNetBert.Models;
using MlNetBert.Pretraining;

namespace MlNetBert.Cli.Parsing;

/// <summary>The arguments and options that several verbs have.</summary>
internal static class Inputs
{
    public static Option<string> Revision() => new("--revision")
    {
        Description = "Branch, tag or commit of a model on the Hub.",
        HelpName = "NAME",
        DefaultValueFactory = _ => HubClient.DefaultRevision,
    };

    public static Option<string[]> Data(string name, bool required, string description) => new(name)
    {
        Description = description + ": .txt, .tsv, .csv, .jsonl, or a directory of them. May be given several times.",
        HelpName = "FILE",
        Required = required,
    };

    public static Option<string?> Tokenizer(string description) => new Option<string?>("--tokenizer")
    {
        Description = description + ": a directory with a tokenizer, a tokenizer.json, or a vocabulary with one piece per line.",
        HelpName = "DIR|FILE",
    }.Formerly("--vocabulary");

    public static Option<int?> BlockLength(string description, int least = 3) =>
        new Option<int?>("--block-length") { Description = description, HelpName = "N" }.AtLeast(least).Formerly("--block");

    public static Option<int?> BatchSize(string description) =>
        new Option<int?>("--batch-size") { Description = description, HelpName = "N" }.AtLeast(1).Formerly("--batch");

    public static Option<int?> AlphabetLimit() => new Option<int?>("--alphabet-limit")
    {
        Description = "Different characters that a vocabulary keeps, the most frequent. Default: 1000, or as many as the texts "
            + "need and the size allows.",
        HelpName = "N",
    }.AtLeast(1);

    public static Option<string?> Precision(string standard = "fp32") => new Option<string?>("--precision")
    {
        Description = "Precision of matrix multiplications.",
        DefaultValueFactory = _ => standard,
    }.OneOf(["fp32", "bf16", "auto"]);

    public static Option<string> Device() => new("--device")
    {
        Description = "auto, cpu, cuda or cuda:N.",
        HelpName = "NAME",
        DefaultValueFactory = _ => new InferenceOptions().Device,
    };

    public static Option<string?> Objective(string description) => new Option<string?>("--objective")
    {
        Description = description,
    }.OneOf([.. PretrainingTask.All.Select(task => task.Name)]);

    public static Option<string?> Architecture(string description) => new Option<string?>("--architecture")
    {
        Description = description + " Default: " + string.Join(
            ", ",
            PretrainingTask.All.GroupBy(task => task.DefaultArchitecture.ModelType)
                .Select(group => $"{group.Key} ({string.Join(", ", group.Select(task => task.Name))})")) + ".",
    }.OneOf([.. ModelArchitecture.All.Select(a => a.ModelType)]);

    public static Option<bool> ActivationCheckpointing() => new("--activation-checkpointing")
    {
        Description = "Recompute activations in the backward pass: up to a third slower, much less memory.",
    };

    /// <summary>An option with a few values, named in the help and in the message about another one.</summary>
    /// <param name="option">The option.</param>
    /// <param name="values">The values.</param>
    /// <param name="earlier">Names that values had in earlier builds, which are accepted.</param>
    public static Option<string?> OneOf(this Option<string?> option, string[] values, params string[] earlier)
    {
        option.HelpName = string.Join('|', values);
        option.CompletionSources.Add(values);
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value is var value && !values.Contains(value, StringComparer.Ordinal)
                && !earlier.Contains(value, StringComparer.Ordinal))
            {
                var nearest = NearestName.Of(value, values);
                result.AddError(
                    $"{option.Name} must be {string.Join(", ", values[..^1])}{(values.Length == 1 ? "" : " or ")}{values[^1]}, but is "
                        + $"'{value}'.{(nearest is null ? "" : $" Did you mean {nearest}?")}");
            }
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
        "fp32" => MlNetBert.Precision.Float32,
        "bf16" => MlNetBert.Precision.BFloat16,
        _ => MlNetBert.Precision.Auto,
    };

    /// <summary>The model of a name; what is fetched for it is said on standard error.</summary>
    /// <exception cref="UsageException">There is a revision, but the model is not on the Hub.</exception>
    public static ModelSource FindModel(string name, ParseResult arguments, Option<string> revision, Session session)
    {
        var hub = new HubOptions { Progress = new DownloadMessages(session), Listener = session };
        var source = ModelSource.Resolve(name, arguments.GetRequiredValue(revision), hub);
        if (source.Kind == ModelSourceKind.Hub)
            session.Say($"{name} is no directory or file here: looking for it in the Hub's cache and on the Hub.");
        else if (arguments.GetResult(revision) is { Implicit: false })
            throw new UsageException($"--revision names a revision of a model on the Hub, but {name} is a local file or directory.");
        return source;
    }

    /// <summary>Whether a tokenizer has settings of its own: a directory and a tokenizer.json have, a list of pieces has not.</summary>
    public static bool HasSettings(string? tokenizer) =>
        tokenizer?.EndsWith(".json", StringComparison.OrdinalIgnoreCase) == true || Directory.Exists(tokenizer);
}
