using System.CommandLine;
using System.CommandLine.Parsing;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Cli.Parsing;

/// <summary>What becomes of case and accents, in every verb that makes a tokenizer.</summary>
/// <param name="when">With what the options go, such as «With --vocabulary: »; empty where they always do.</param>
/// <param name="learns">Whether the verb may learn a vocabulary, so that its texts decide about accents.</param>
internal sealed class CaseOptions(string when, bool learns)
{
    private readonly Option<bool> _cased = new("--cased") { Description = when + "Keep case and accents: --lower-case false." };
    private readonly Option<bool?> _lowerCase = new("--lower-case")
    {
        Description = when + "Lower-case text (true) or keep case (false). Default: true for WordPiece, false for other kinds.",
        HelpName = "true|false",
    };
    private readonly Option<bool?> _stripAccents = new("--strip-accents")
    {
        Description = when + "Strip accents (true) or keep them (false), whatever becomes of case. Default: " + (learns
            ? "where case is kept, false; else the texts of a WordPiece vocabulary decide, and 1 word in 200 with an accent keeps them."
            : "true where text is lower-cased."),
        HelpName = "true|false",
    };

    /// <summary>The options.</summary>
    public Option[] All => [_cased, _lowerCase, _stripAccents];

    /// <summary>Whether text is lower-cased; null where it was not said.</summary>
    public bool? LowerCase(ParseResult arguments) => arguments.GetValue(_lowerCase) ?? (arguments.GetValue(_cased) ? false : null);

    /// <summary>Whether accents are stripped; null where it was not said.</summary>
    public bool? StripAccents(ParseResult arguments) => arguments.GetValue(_stripAccents);

    /// <summary>What a tokenizer of a WordPiece vocabulary is to do.</summary>
    public WordPieceTokenizerOptions Tokenizer(ParseResult arguments) =>
        new() { LowerCase = LowerCase(arguments) ?? true, StripAccents = StripAccents(arguments) };

    /// <summary>Refuses two options that say the same.</summary>
    public void Check(CommandResult result)
    {
        if (result.GetResult(_cased) is { Implicit: false } && result.GetResult(_lowerCase) is { Implicit: false })
            result.AddError("--cased and --lower-case exclude each other.");
    }
}
