using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.Benchmarks;

/// <summary>A pipeline that fills masks with a BERT-base, for its speed: a step of training, so that the weights are about what they were drawn as.</summary>
internal static class MaskFilling
{
    public const int Positions = 512;

    public static TransformerChain<FillMaskTransformer> Fit(MLContext ml, SubwordTokenizer tokenizer, IDataView texts, Precision precision) =>
        ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", tokenizer)
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions
            {
                Architecture = "bert",
                Size = "base",
                MaxPositions = Positions,
                MaxSteps = 1,
                BatchSize = 1,
                Precision = Precision.Float32,
                Prediction = new FillMaskOptions { Precision = precision },
            }))
            .Fit(texts);
}
