using Microsoft.ML;
using MlNetBert.Blocks;
using MlNetBert.Classification;
using MlNetBert.Embeddings;
using MlNetBert.FillMask;
using MlNetBert.NamedEntities;
using MlNetBert.QuestionAnswering;
using MlNetBert.Similarity;
using MlNetBert.Tokenization;

// What mlContext.Model.Load finds by the name in a saved model's header, in a fresh process and with nothing registered.
[assembly: LoadableClass(
    typeof(WordPieceTokenizingTransformer), null, typeof(SignatureLoadModel), "Word pieces",
    WordPieceTokenizingTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(TokenBlockGroupingTransformer), null, typeof(SignatureLoadModel), "Token blocks", TokenBlockGroupingTransformer.LoaderSignature)]
[assembly: LoadableClass(typeof(FillMaskTransformer), null, typeof(SignatureLoadModel), "Fill masks", FillMaskTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(EmbedTextTransformer), null, typeof(SignatureLoadModel), "Text embeddings", EmbedTextTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(EmbedTokensTransformer), null, typeof(SignatureLoadModel), "Token embeddings", EmbedTokensTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(TextClassificationTransformer), null, typeof(SignatureLoadModel), "Text classification",
    TextClassificationTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(SentenceSimilarityTransformer), null, typeof(SignatureLoadModel), "Sentence similarity",
    SentenceSimilarityTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(NamedEntityRecognitionTransformer), null, typeof(SignatureLoadModel), "Named entities",
    NamedEntityRecognitionTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(QuestionAnswerTransformer), null, typeof(SignatureLoadModel), "Question answering", QuestionAnswerTransformer.LoaderSignature)]
