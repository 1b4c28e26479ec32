using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Cli.Verbs;

/// <summary>Shows the tokens of texts.</summary>
internal sealed class TokenizeVerb : Verb
{
    private readonly TextArgument _texts = new();
    private readonly ReadingOptions _reading = new();
    private readonly Option<string?> _model = Inputs.ModelOption(required: false)!;
    private readonly Option<string> _revision = Inputs.Revision();
    private readonly Opening _opening = new();
    private readonly Option<string?> _vocabulary =
        new("--vocabulary") { Description = "A vocabulary instead of a model: a piece a line, or a tokenizer.json.", HelpName = "F" };
    private readonly CaseOptions _case = new("With --vocabulary: ", learns: false);
    private readonly Option<bool?> _splitIdeographs = new("--split-ideographs")
    {
        Description = "With --vocabulary: whether every CJK ideograph is a word. Default: true.",
        HelpName = "true|false",
    };

    public TokenizeVerb()
        : base("tokenize", "Show the tokens of texts, [CLS] and [SEP] included; nothing is cut or padded.")
    {
        Takes([_texts, _model, _revision, .. _opening.Options, _vocabulary, .. _case.All, _splitIdeographs, .. _reading.ForInput]);
        Validators.Add(_case.Check);
        _texts.Need(this, _reading.ForInput);
        Validators.Add(result =>
        {
            var hasModel = result.GetResult(_model) is not null;
            var hasVocabulary = result.GetResult(_vocabulary) is not null;
            if (hasModel == hasVocabulary)
                result.AddError(hasModel ? "--model and --vocabulary exclude each other." : "--model MODEL or --vocabulary F is required.");
            var isTokenizer = hasVocabulary && Inputs.IsTokenizerFile(result.GetValue(_vocabulary));
            foreach (var option in _case.All.Append(_splitIdeographs).Where(option => result.GetResult(option) is { Implicit: false }))
            {
                if (hasModel)
                    result.AddError($"{option.Name} goes with --vocabulary: a model has its own tokenizer's settings.");
                else if (isTokenizer)
                    result.AddError($"{option.Name} goes with a vocabulary of pieces: a tokenizer.json has its own settings.");
            }

            foreach (var option in _opening.OfModels.Append(_revision)
                .Where(option => hasVocabulary && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} goes with --model.");
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "tokenize --model google-bert/bert-base-uncased \"The cat sat on the mat.\"",
        "tokenize --vocabulary vocab.txt --cased --json - < texts.txt",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        var tokenizer = Open(arguments, session);
        foreach (var text in
            TextArgument.Groups(arguments.GetRequiredValue(_texts), 1,
                _reading.StandardInput(arguments, session)).SelectMany(group => group))
        {
            session.CancellationToken.ThrowIfCancellationRequested();
            var encoding = tokenizer.Encode(text);
            session.Result(
                new
                {
                    Text = text,
                    encoding.Ids,
                    encoding.Tokens,
                    Offsets = encoding.Offsets.Select(offset => new[] { offset.Start, offset.End }),
                },
                screen =>
                {
                    var table = Tables.Plain("id", "token", "from", "to");
                    for (var i = 0; i < encoding.Count; i++)
                        table.Row($"{encoding.Ids[i]}", encoding.Tokens[i], $"{encoding.Offsets[i].Start}", $"{encoding.Offsets[i].End}");
                    screen.Write(table);
                });
        }

        return ExitCodes.Done;
    }

    private SubwordTokenizer Open(ParseResult arguments, Session session)
    {
        if (arguments.GetValue(_vocabulary) is { } vocabulary)
        {
            if (Inputs.IsTokenizerFile(vocabulary))
                return SubwordTokenizer.FromTokenizerFile(vocabulary).With(invalidText: _opening.InvalidText(arguments));
            var tokenizer = SubwordTokenizer.FromVocabularyFile(
                vocabulary, _case.Tokenizer(arguments) with
                {
                    HandleChineseCharacters = arguments.GetValue(_splitIdeographs) ?? true,
                    InvalidText = _opening.InvalidText(arguments) ?? InvalidTextHandling.Refuse,
                });
            if (UnreachablePieces.Of(tokenizer).Warning() is { } warning)
                session.Say("Warning: " + warning);
            return tokenizer;
        }

        using var source = Inputs.FindModel(arguments.GetRequiredValue(_model)!, arguments.GetRequiredValue(_revision), session);
        return source.OpenTokenizer(_opening.Of(arguments), session.CancellationToken);
    }
}
