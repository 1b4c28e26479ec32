namespace MlNetBert.Text.Tokenizers;

/// <summary>The type ids of a pair: [CLS] A [SEP] B [SEP].</summary>
internal sealed record PairTypes(int Classification, int First, int Separator, int Second, int End)
{
    /// <summary>Those of BERT.</summary>
    public static PairTypes Bert { get; } = new(0, 0, 0, 1, 1);
}
