using System.Globalization;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>The added tokens of a tokenizer, from whichever files name them; what is named first counts.</summary>
internal sealed class AddedTokenList(TokenizerVocabulary vocabulary)
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<AddedToken> _tokens = [];

    public IReadOnlyList<AddedToken> Tokens => _tokens;

    /// <summary>
    /// Adds the tokens of one file, in the order of their ids. One that the vocabulary lacks gets its id, or the next one where the file
    /// says none.
    /// </summary>
    public void Add(IEnumerable<FoundToken> tokens)
    {
        foreach ((AddedToken token, int? id, JsonPart part) in tokens.OrderBy(entry => entry.Id ?? int.MaxValue))
        {
            if (vocabulary.TryGetId(token.Content, out int place))
            {
                if (id is { } said && said != place)
                    throw part.Fail(
                        string.Create(CultureInfo.InvariantCulture, $"is {said}, but '{token.Content}' is {place} in the vocabulary"));
            }
            else if (vocabulary.Add(token.Content, id ?? vocabulary.Count, spelt: false) is { } fault)
            {
                throw part.Fail(string.Create(CultureInfo.InvariantCulture, $"is {id} for '{token.Content}', which {fault}"));
            }

            if (_places.TryAdd(token.Content, _tokens.Count))
                _tokens.Add(token);
        }
    }
}
