using System.CommandLine;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Cli.Verbs;

/// <summary>Shows the tokens of texts.</summary>
internal sealed class TokenizeVerb : Verb
{
    private readonly Option<string?> _tokenizer = Inputs.Tokenizer("A tokenizer instead of a model");
    private readonly ModelInput _model;
    private readonly TextArgument _texts;
    private readonly ReadingOptions _reading = new();
    private readonly Opening _opening = new();
    private readonly CaseOptions _case = new("With --tokenizer: ", learns: false);
    private readonly Option<bool?> _splitIdeographs = new("--split-ideographs")
    {
        Description = "With --tokenizer: whether every CJK ideograph is a word. Default: true.",
        HelpName = "true|false",
    };

    public TokenizeVerb()
        : base("tokenize", "Show the tokens of texts, special tokens included; nothing is cut or padded.")
    {
        _model = new ModelInput(instead: _tokenizer);
        _texts = new TextArgument(_model);
        Takes([
            _model.Argument, _texts, _model.Option, _model.RevisionOption, .. _opening.Options, _tokenizer, .. _case.All,
            _splitIdeographs, .. _reading.ForInput]);
        Validators.Add(_case.Check);
        _texts.Need(this, "MODEL or --tokenizer DIR|FILE", _reading.ForInput);
        Validators.Add(result =>
        {
            var hasTokenizer = result.GetResult(_tokenizer) is not null;
            if (hasTokenizer && result.GetResult(_model.Option) is not null)
                result.AddError("--model and --tokenizer exclude each other.");
            var hasSettings = hasTokenizer && Inputs.HasSettings(result.GetValue(_tokenizer));
            foreach (var option in _case.All.Append(_splitIdeographs).Where(option => result.GetResult(option) is { Implicit: false }))
            {
                if (!hasTokenizer)
                    result.AddError($"{option.Name} goes with --tokenizer: a model has its own tokenizer's settings.");
                else if (hasSettings)
                    result.AddError($"{option.Name} goes with a vocabulary of pieces: a tokenizer.json has its own settings.");
            }

            foreach (var option in _opening.OfModels.Append(_model.RevisionOption)
                .Where(option => hasTokenizer && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} goes with --model.");
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "tokenize google-bert/bert-base-uncased \"The cat sat on the mat.\"",
        "tokenize --tokenizer vocab.txt --cased --json - < texts.txt",
    ];

    protected override int Run(ParseResult arguments, Session session)
    {
        var tokenizer = Open(arguments, session);
        foreach (var text in
            _texts.Groups(arguments, 1,
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
        if (arguments.GetValue(_tokenizer) is { } name)
        {
            if (Directory.Exists(name))
                return SubwordTokenizer.FromDirectory(name, _opening.InvalidText(arguments));
            if (Inputs.HasSettings(name))
                return SubwordTokenizer.FromTokenizerFile(name).With(invalidText: _opening.InvalidText(arguments));
            var tokenizer = SubwordTokenizer.FromVocabularyFile(
                name, _case.Tokenizer(arguments) with
                {
                    HandleChineseCharacters = arguments.GetValue(_splitIdeographs) ?? true,
                    InvalidText = _opening.InvalidText(arguments) ?? InvalidTextHandling.Throw,
                });
            if (UnreachablePieces.Of(tokenizer).Warning(nameof(WordPieceTokenizerOptions)) is { } warning)
                session.Say("Warning: " + warning);
            return tokenizer;
        }

        using var source = _model.Find(arguments, session);
        return source.OpenTokenizer(_opening.Of(arguments), session.CancellationToken);
    }
}
