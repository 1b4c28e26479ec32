namespace MlNetBert.Text.Tokenizers;

/// <summary>Puts special tokens around one text or a pair, and pads it.</summary>
internal sealed class EncodingBuilder(SubwordTokenizer tokenizer, EncodeOptions options)
{
    private int[] _ids = [];
    private TokenOffset[] _offsets = [];
    private int[] _typeIds = [];
    private int[] _attention = [];
    private int[] _special = [];
    private int _position;

    public TokenEncoding Build(TokenSequence first, TokenSequence? second)
    {
        SpecialTokenTemplate template = tokenizer.Template;
        int added = options.AddSpecialTokens ? template.GetAddedCount(second is not null) : 0;
        int count = first.Count + (second?.Count ?? 0) + added;
        int length = Math.Max(count, options.PaddingLength ?? 0);
        _ids = new int[length];
        _offsets = new TokenOffset[length];
        _typeIds = new int[length];
        _attention = new int[length];
        _special = new int[length];

        if (options.PaddingSide == SequenceSide.Left)
            Pad(length - count);
        Add(second is null ? template.Before : template.PairBefore);
        Append(first, second is null ? 0 : template.FirstTypeId);
        Add(second is null ? template.After : template.PairBetween);
        if (second is { } pair)
        {
            Append(pair, template.SecondTypeId);
            Add(template.PairAfter);
        }

        Pad(length - _position);
        return new TokenEncoding(tokenizer.Vocabulary, _ids, _offsets, _typeIds, _attention, _special);
    }

    private void Add(IReadOnlyList<TemplateToken> tokens)
    {
        if (!options.AddSpecialTokens)
            return;
        foreach (TemplateToken token in tokens)
        {
            _ids[_position] = token.Id;
            _typeIds[_position] = token.TypeId;
            _attention[_position] = 1;
            _special[_position++] = 1;
        }
    }

    private void Append(TokenSequence sequence, int typeId)
    {
        sequence.Ids.CopyTo(sequence.Start, _ids, _position, sequence.Count);
        sequence.Offsets.CopyTo(sequence.Start, _offsets, _position, sequence.Count);
        Array.Fill(_typeIds, typeId, _position, sequence.Count);
        Array.Fill(_attention, 1, _position, sequence.Count);
        _position += sequence.Count;
    }

    private void Pad(int count)
    {
        if (count == 0)
            return;
        Array.Fill(_ids, tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Padding"), _position, count);
        Array.Fill(_special, 1, _position, count);
        _position += count;
    }
}
