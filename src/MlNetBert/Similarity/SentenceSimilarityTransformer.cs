using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.FineTuning;
using MlNetBert.Interop;
using MlNetBert.Models;
using MlNetBert.Models.Heads;
using MlNetBert.Training.Objectives;

[assembly: LoadableClass(
    typeof(SentenceSimilarityTransformer), null, typeof(SignatureLoadModel), "Sentence similarity",
    SentenceSimilarityTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>
/// Gives a number for a pair of texts, on the scale of the training labels; of a model that was pretrained with pairs, the probability that
/// the second follows the first, or that their order is right. Thread-safe.
/// </summary>
public sealed class SentenceSimilarityTransformer : FineTunedTransformer
{
    internal const string LoaderSignature = "MlNetBertSimilarity";

    private readonly string _score;

    internal SentenceSimilarityTransformer(IHostEnvironment environment, FineTunedState state, string score)
        : base(environment, LoaderSignature, state)
    {
        _score = score;
        if (!state.Model.ScoresPairs)
            state.Model.RequireHead<SequenceClassifier>(LoaderSignature);
    }

    internal static SchemaShape.Column Promised(string score) =>
        new(score, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false, new SchemaShape(ScoreAnnotations.Promised));

    private protected override IRowMapper MakeMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.SaveNonEmptyString(_score);
        State.Save(ctx, Inference);
    }

    private static VersionInfo Version() =>
        ModelVersion.Create<SentenceSimilarityTransformer>("MNBSIMIL", LoaderSignature, written: 2, readable: 2, readBack: 1);

    private static SentenceSimilarityTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var score = ctx.LoadNonEmptyString();
        var state = FineTunedState.Load<LanguageModelModule>(ctx, LoaderSignature, hasPrecision: ctx.Header.ModelVerWritten >= 2);
        try
        {
            if (state.Model.ScoresPairs)
                return new SentenceSimilarityTransformer(environment, state, score);
            var labels = state.Model.RequireHead<SequenceClassifier>(LoaderSignature).Config.Labels.Count;
            throw new ModelFormatException(LoaderSignature, $"expected a model with one label, found {labels}. Save the model again.");
        }
        catch
        {
            state.Model.Dispose();
            throw;
        }
    }

    private sealed class Mapper(SentenceSimilarityTransformer parent, DataViewSchema schema) : SequenceMapper<float>(parent, schema)
    {
        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns()
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            ScoreAnnotations.Add(annotations, Schema, AnnotationUtils.Const.ScoreColumnKind.Regression,
                AnnotationUtils.Const.ScoreValueKind.Score);
            return [new DataViewSchema.DetachedColumn(parent._score, NumberDataViewType.Single, annotations.ToAnnotations())];
        }

        protected override IReadOnlyList<float> Predict(LanguageModelModule network, SequenceInputs inputs, ComputePrecision precision) =>
            // [batch] or [batch, 1]
            ((IPairScorer)network).ScorePairs(new(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds), precision)
                .cpu().data<float>().ToArray();

        protected override Delegate MakeGetter(int output, Func<float> current) =>
            (ValueGetter<float>)((ref float score) => score = current());
    }
}
