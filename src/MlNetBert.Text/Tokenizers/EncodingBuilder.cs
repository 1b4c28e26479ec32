namespace MlNetBert.Text.Tokenizers;

/// <summary>Frames and pads one text or a pair.</summary>
internal sealed class EncodingBuilder(SubwordTokenizer tokenizer, EncodeOptions options)
{
    private static readonly PairTypes Single = new(0, 0, 0, 0, 0);
    private int[] _ids = [];
    private TokenOffset[] _offsets = [];
    private int[] _typeIds = [];
    private int[] _attention = [];
    private int[] _special = [];
    private int _position;

    public TokenEncoding Build(TokenSequence first, TokenSequence? second)
    {
        int framing = !options.AddSpecialTokens ? 0 : second is null ? 2 : 3;
        int count = first.Count + (second?.Count ?? 0) + framing;
        int length = Math.Max(count, options.PadToLength ?? 0);
        _ids = new int[length];
        _offsets = new TokenOffset[length];
        _typeIds = new int[length];
        _attention = new int[length];
        _special = new int[length];

        SpecialTokens special = tokenizer.SpecialTokens;
        PairTypes types = second is null ? Single : tokenizer.PairTypes;
        if (options.PaddingSide == TextSide.Left)
            Pad(length - count);
        if (options.AddSpecialTokens)
            Frame(special.Classification, types.Classification);
        Append(first, types.First);
        if (options.AddSpecialTokens)
            Frame(special.Separator, types.Separator);
        if (second is { } pair)
        {
            Append(pair, types.Second);
            if (options.AddSpecialTokens)
                Frame(special.Separator, types.End);
        }

        Pad(length - _position);
        return new TokenEncoding(tokenizer.Vocabulary, _ids, _offsets, _typeIds, _attention, _special);
    }

    private void Frame(int id, int typeId)
    {
        _ids[_position] = id;
        _typeIds[_position] = typeId;
        _attention[_position] = 1;
        _special[_position++] = 1;
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
        Array.Fill(_ids, tokenizer.SpecialTokens.Padding, _position, count);
        Array.Fill(_special, 1, _position, count);
        _position += count;
    }
}
