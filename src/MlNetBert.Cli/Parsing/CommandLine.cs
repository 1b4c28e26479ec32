using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Text;
using MlNetBert.Cli.Native;
using MlNetBert.Cli.Verbs;
using MlNetBert.Models;

namespace MlNetBert.Cli.Parsing;

/// <summary>The whole command line: the verbs, help, version, and what is said about wrong arguments.</summary>
internal static class CommandLine
{
    // A text may begin with '@' or be «-»: no response files, no bundles of letters.
    private static readonly ParserConfiguration Parser = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>Runs the tool.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments)
    {
        var parsed = Create().Parse(arguments, Parser);
        if (parsed.Action is not HelpWithExamples
            && TextArgument.Faults(parsed, arguments).Concat(EarlierNames.Faults(parsed)).ToList() is { Count: > 0 } faults)
            return UsageErrors.Tell(parsed, faults, Console.Error);
        if (parsed.Action is ParseErrorAction || (parsed.Errors.Count > 0 && parsed.Action is null))
            return UsageErrors.Tell(parsed, UsageErrors.Messages(parsed), Console.Error);
        // of the help and the version
        using var output = new StreamWriter(StandardStream.OpenOutput(), new UTF8Encoding(false)) { AutoFlush = true };
        try
        {
            return parsed.Invoke(
                new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (IOException e) when (StandardStream.IsReaderGone(e))
        {
            return ExitCodes.ReaderGone;
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"mlnet-bert: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    /// <summary>Builds the tool's command.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand(
            "Language-model pretraining for .NET: train vocabularies, fill masks, continue texts, embed them, measure, verify and convert "
                + $"models ({string.Join(", ", ModelArchitecture.All.Select(architecture => architecture.ModelType))}).");
        foreach (var verb in Verbs())
        {
            foreach (var option in verb.Options)
                CheckNumber(option);
            root.Subcommands.Add(verb);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!);
        return root;
    }

    // .NET reads 0,01 as thousands, which is 1, and takes NaN and infinity for numbers.
    private static void CheckNumber(Option option)
    {
        if ((Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType) != typeof(double))
            return;
        option.Validators.Add(result =>
        {
            foreach (var value in result.Tokens.Select(token => token.Value))
            {
                if (value.Contains(',', StringComparison.Ordinal))
                    result.AddError($"{option.Name} must be a number without commas, such as 0.5, but is '{value}'.");
                else if (double.TryParse(value, CultureInfo.InvariantCulture, out var number) && !double.IsFinite(number))
                    result.AddError($"{option.Name} must be a finite number, such as 0.5, but is '{value}'.");
            }
        });
    }

    private static IEnumerable<Verb> Verbs() =>
    [
        new DoctorVerb(),
        new TrainVocabularyVerb(),
        new TokenizeVerb(),
        new PretrainVerb(),
        new EvaluateVerb(),
        new FillMaskVerb(),
        new GenerateVerb(),
        new EmbedVerb(),
        new InspectVerb(),
        new VerifyVerb(),
        new ConvertVerb(),
        new BenchVerb(),
    ];
}
