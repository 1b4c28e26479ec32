using System.Reflection;
using System.Text.RegularExpressions;
using MlNetBert.Cli.Parsing;

namespace MlNetBert.Cli;

/// <summary>Turns what went wrong into one message and an exit code.</summary>
internal static partial class Failures
{
    /// <summary>The environment variable that asks for the stack trace as well.</summary>
    public const string TraceVariable = "MLNETBERT_TRACE";

    /// <summary>The exit code and the message of an exception.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="options">The options of the verb, to name an option instead of the property that it sets.</param>
    public static (int ExitCode, string Message) Describe(Exception exception, IReadOnlyCollection<string> options)
    {
        var cause = Unwrap(exception);
        var message = cause switch
        {
            InvalidOptionsException invalid => InOptions(invalid, options),
            ArgumentException argument => ParameterSuffix().Replace(argument.Message, ""),
            UsageException or IOException or InvalidDataException or FormatException or InvalidOperationException
                or UnauthorizedAccessException
                or NotSupportedException =>
                cause.Message,
            _ when cause.GetType().Assembly.GetName().Name!.StartsWith("MlNetBert", StringComparison.Ordinal) => cause.Message,
            InsufficientMemoryException => cause.Message,
            OutOfMemoryException => "The memory is not enough. Take a smaller model, batch or block.",
            _ => $"{cause.GetType().Name}: {cause.Message} (Set {TraceVariable}=1 to see where.)",
        };
        message = OptionNames.InMessage(message, options);
        if (Environment.GetEnvironmentVariable(TraceVariable) is "1")
            message += Environment.NewLine + exception;
        return (cause is UsageException or InvalidOptionsException ? ExitCodes.WrongArguments : ExitCodes.Failed, message);
    }

    private static Exception Unwrap(Exception exception) =>
        exception is TypeInitializationException or TargetInvocationException or AggregateException
            && exception.InnerException is { } inner ? Unwrap(inner) : exception;

    /// <summary>The faults, with the options named that set the properties.</summary>
    private static string InOptions(InvalidOptionsException exception, IReadOnlyCollection<string> options) =>
        string.Join(Environment.NewLine,
            exception.Errors.Select(fault =>
                PropertyName().Replace(fault, match => OptionNames.Of(match.Value, options) ?? match.Value, 1) + "."));

    [GeneratedRegex(@" \(Parameter '[^']*'\)\s*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ParameterSuffix();

    [GeneratedRegex(
        @"\A[A-Z][A-Za-z0-9]*(?= (must|needs) )", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex PropertyName();
}
