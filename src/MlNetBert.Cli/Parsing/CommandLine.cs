using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text;
using MlNetBert.Cli.Native;
using MlNetBert.Cli.Verbs;

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
        if (parsed.Action is not HelpWithExamples && TextArgument.Faults(parsed, arguments).ToList() is { Count: > 0 } faults)
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
            "Language-model pretraining for .NET: train vocabularies, fill masks, embed text, measure, verify and convert "
                + "BERT and ModernBERT models.");
        foreach (var verb in Verbs())
            root.Subcommands.Add(verb);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!);
        return root;
    }

    private static IEnumerable<Verb> Verbs() =>
    [
        new DoctorVerb(),
        new TrainVocabularyVerb(),
        new TokenizeVerb(),
        new PretrainVerb(),
        new EvaluateVerb(),
        new FillMaskVerb(),
        new EmbedVerb(),
        new InspectVerb(),
        new VerifyVerb(),
        new ConvertVerb(),
        new BenchVerb(),
    ];
}
