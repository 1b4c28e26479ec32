using System.CommandLine;
using MlNetBert.Cli.Output;

namespace MlNetBert.Cli.Parsing;

/// <summary>The options that say how a model is opened, of every verb that opens one.</summary>
internal sealed class Opening
{
    private readonly Option<string?> _precedence = new Option<string?>("--tokenizer-precedence")
    {
        Description = "Which file decides where the two contradict each other. Default: such a model is refused.",
    }.OneOf(["tokenizer.json", "tokenizer_config.json"]);

    private readonly Option<string?> _invalidText = new Option<string?>("--invalid-text")
    {
        Description =
            "What is done with text that is not valid Unicode, such as half an emoji. Default: what was saved with the model, else throw.",
    }.OneOf(["throw", "replace"], "refuse");

    private readonly Option<bool>? _allowMissing;

    /// <summary>The options of a verb.</summary>
    /// <param name="trains">Whether the verb trains the model further, so that weights which a checkpoint lacks may be drawn.</param>
    public Opening(bool trains = false) => _allowMissing = !trains ? null : new("--allow-missing")
    {
        Description = "Draw weights of the encoder that the model to start from lacks. Default: such a model is refused.",
    };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> Options => [.. ((Option?[])[_allowMissing, _precedence, _invalidText]).OfType<Option>()];

    /// <summary>Those that mean nothing where no model is opened.</summary>
    public IReadOnlyList<Option> OfModels => [.. ((Option?[])[_allowMissing, _precedence]).OfType<Option>()];

    /// <summary>What was asked for; null for what was saved with the model.</summary>
    public InvalidTextHandling? InvalidText(ParseResult arguments) => arguments.GetValue(_invalidText) switch
    {
        "throw" or "refuse" => InvalidTextHandling.Throw,
        "replace" => InvalidTextHandling.Replace,
        _ => null,
    };

    /// <summary>Opens the model; what there is to say about its files is said.</summary>
    public PretrainedModel Open(ModelSource source, ParseResult arguments, Session session)
    {
        var model = source.Open(Of(arguments), session.CancellationToken);
        foreach (var warning in model.Warnings)
            session.Say("Warning: " + warning);
        return model;
    }

    /// <summary>How the model is opened.</summary>
    public PretrainedModelOptions Of(ParseResult arguments) => new()
    {
        AllowMissing = _allowMissing is not null && arguments.GetValue(_allowMissing),
        TokenizerPrecedence = arguments.GetValue(_precedence) switch
        {
            "tokenizer.json" => TokenizerPrecedence.TokenizerJson,
            "tokenizer_config.json" => TokenizerPrecedence.TokenizerConfig,
            _ => TokenizerPrecedence.Throw,
        },
        InvalidText = InvalidText(arguments),
    };
}
