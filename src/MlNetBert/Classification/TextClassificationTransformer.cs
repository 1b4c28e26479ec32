using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.Classification;
using MlNetBert.FineTuning;
using MlNetBert.Interop;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

[assembly: LoadableClass(
    typeof(TextClassificationTransformer), null, typeof(SignatureLoadModel), "Text classification",
    TextClassificationTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>
/// Classifies texts: adds the predicted label, a key with the training labels as its values, and the probabilities of all labels, a vector
/// of known size with their names as slot names; of a checkpoint that gives several labels at once, each label's own. Of labels with equal
/// probabilities the first is predicted. Thread-safe.
/// </summary>
public sealed class TextClassificationTransformer : FineTunedTransformer
{
    internal const string LoaderSignature = "MlNetBertTextClass";

    private readonly ClassificationOutputs _outputs;
    private readonly LabelValues _labels;

    internal TextClassificationTransformer(IHostEnvironment environment, FineTunedState state, ClassificationOutputs outputs,
        LabelValues labels)
        : base(environment, LoaderSignature, state)
    {
        _outputs = outputs;
        _labels = labels;
        state.Model.RequireHead<SequenceClassifier>(LoaderSignature);
    }

    /// <summary>The names of the labels, in the order of the scores.</summary>
    public IReadOnlyList<string> Labels => _labels.Names;

    private protected override IRowMapper MakeMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        _outputs.Save(ctx);
        _labels.Save(Host, ctx);
        State.Save(ctx, Inference);
    }

    private static VersionInfo Version() =>
        ModelVersion.Create<TextClassificationTransformer>("MNBTXTCL", LoaderSignature, written: 3, readable: 3, readBack: 2);

    private static TextClassificationTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var outputs = ClassificationOutputs.Load(ctx);
        var labels = LabelValues.Load(environment, ctx);
        var state = FineTunedState.Load<SequenceClassifier>(ctx, LoaderSignature, hasPrecision: ctx.Header.ModelVerWritten >= 3);
        if (state.Model.Config.Labels.Count == labels.Count)
            return new TextClassificationTransformer(environment, state, outputs, labels);
        state.Model.Dispose();
        throw new ModelFormatException(LoaderSignature,
            $"expected a model with {labels.Count} labels, found {state.Model.Config.Labels.Count}. Save the model again.");
    }

    private sealed class Mapper(TextClassificationTransformer parent, DataViewSchema schema) : SequenceMapper<float[]>(parent, schema)
    {
        private const string Kind = AnnotationUtils.Const.ScoreColumnKind.MulticlassClassification;

        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns()
        {
            var labels = parent._labels;
            var ofLabel = new DataViewSchema.Annotations.Builder();
            labels.AddValues(ofLabel, AnnotationUtils.Kinds.KeyValues);
            ScoreAnnotations.Add(ofLabel, Schema, Kind, AnnotationUtils.Const.ScoreValueKind.PredictedLabel);
            var ofScore = new DataViewSchema.Annotations.Builder();
            labels.AddSlotNames(ofScore);
            labels.AddValues(ofScore, AnnotationUtils.Kinds.TrainingLabelValues);
            ScoreAnnotations.Add(ofScore, Schema, Kind, AnnotationUtils.Const.ScoreValueKind.Score);
            return
            [
                new DataViewSchema.DetachedColumn(parent._outputs.PredictedLabel, new KeyDataViewType(typeof(uint), labels.Count),
                    ofLabel.ToAnnotations()),
                new DataViewSchema.DetachedColumn(parent._outputs.Score, new VectorDataViewType(NumberDataViewType.Single, labels.Count),
                    ofScore.ToAnnotations()),
            ];
        }

        protected override IReadOnlyList<float[]> Predict(LanguageModelModule network, SequenceInputs inputs, ComputePrecision precision)
        {
            // [batch, labels]
            var logits = ((SequenceClassifier)network).forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds, precision);
            var probabilities = network.Config.ProblemType == ProblemType.MultiLabelClassification
                ? logits.sigmoid()
                : nn.functional.softmax(logits, 1);
            return [.. probabilities.cpu().data<float>().ToArray().Chunk(parent._labels.Count)];
        }

        protected override Delegate MakeGetter(int output, Func<float[]> current) => output == 0
            ? (ValueGetter<uint>)((ref uint label) => label = Best(current()))
            : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> destination) =>
            {
                var scores = current();
                var editor = VBufferEditor.Create(ref destination, scores.Length);
                scores.CopyTo(editor.Values);
                destination = editor.Commit();
            });

        /// <summary>The key of the greatest probability, of equal ones the first; missing where there is none.</summary>
        private static uint Best(float[] scores) => float.IsNaN(scores[0]) ? 0 : (uint)Array.IndexOf(scores, scores.Max()) + 1;
    }
}
