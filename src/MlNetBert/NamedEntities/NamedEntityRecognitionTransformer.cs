using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert;
using MlNetBert.FineTuning;
using MlNetBert.Interop;
using MlNetBert.Mapping;
using MlNetBert.Models;
using MlNetBert.NamedEntities;

[assembly: LoadableClass(
    typeof(NamedEntityRecognitionTransformer), null, typeof(SignatureLoadModel), "Named entities",
    NamedEntityRecognitionTransformer.LoaderSignature)]

namespace MlNetBert;

/// <summary>
/// Finds names in texts: adds the tag of each word, a vector of keys with the tags as their values, and the entities with label, text,
/// place and score. Words beyond <see cref="FineTunedTransformer.MaxLength"/> are outside. Thread-safe.
/// </summary>
public sealed class NamedEntityRecognitionTransformer : FineTunedTransformer
{
    internal const string LoaderSignature = "MlNetBertEntities";

    private readonly EntityOutputs _outputs;
    private readonly EntityRecognizer _recognizer;

    internal NamedEntityRecognitionTransformer(IHostEnvironment environment, FineTunedState state, EntityOutputs outputs)
        : base(environment, LoaderSignature, state)
    {
        _outputs = outputs;
        _recognizer = new EntityRecognizer(state.Model, state.Settings, LoaderSignature);
    }

    /// <summary>The tags, in the order of the keys.</summary>
    public IReadOnlyList<string> Tags => _recognizer.Tags;

    private protected override IRowMapper MakeMapper(DataViewSchema schema) =>
        new Mapper(this, WordsColumn.Find(schema, State.Texts.First));

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        _outputs.Save(ctx);
        State.Save(ctx, Inference);
    }

    private static VersionInfo Version() =>
        ModelVersion.Create<NamedEntityRecognitionTransformer>("MNBNAMEN", LoaderSignature, written: 2, readable: 2, readBack: 1);

    private static NamedEntityRecognitionTransformer Create(IHostEnvironment environment, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        var outputs = EntityOutputs.Load(ctx);
        var state = FineTunedState.Load<TokenClassifier>(ctx, LoaderSignature, hasPrecision: ctx.Header.ModelVerWritten >= 2);
        try
        {
            BioTags.Decode(state.Model.Config.Labels);
            return new NamedEntityRecognitionTransformer(environment, state, outputs);
        }
        catch (ArgumentException e)
        {
            state.Model.Dispose();
            throw new ModelFormatException(LoaderSignature, $"expected a model whose labels are tags: {e.Message} Save the model again.",
                e);
        }
    }

    private sealed class Mapper(NamedEntityRecognitionTransformer parent,
        DataViewSchema.Column input) : BatchMapper<SentenceWords, TaggedSentence>(parent, input)
    {
        protected override DataViewSchema.DetachedColumn[] MakeOutputColumns()
        {
            var tags = parent.Tags;
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.AddKeyValues(tags.Count, TextDataViewType.Instance, Vectors.Getter(() => tags, tag => tag.AsMemory()));
            return
            [
                new DataViewSchema.DetachedColumn(
                    parent._outputs.Tags,
                    new VectorDataViewType(new KeyDataViewType(typeof(uint), tags.Count)),
                    annotations.ToAnnotations()),
                .. parent._outputs.EntityColumns.Select(c => new DataViewSchema.DetachedColumn(c.Name, new VectorDataViewType(c.Type))),
            ];
        }

        protected override Func<SentenceWords> CreateReader(DataViewRow row) =>
            WordsColumn.Reader(row, Input.Name, parent.Model.Tokenizer.InvalidText);

        protected override IReadOnlyList<TaggedSentence> Compute(IReadOnlyList<SentenceWords> rows)
        {
            var results = parent._recognizer.Recognize(rows, parent.Place, out var cut);
            parent.TellCutRows(cut, parent.MaxLength);
            return results;
        }

        protected override Delegate MakeGetter(int output, Func<TaggedSentence> current) => output switch
        {
            0 => Vectors.Getter(() => current().Tags, tag => (uint)(tag + 1)),
            1 => Vectors.Getter(() => current().Entities, entity => entity.Label.AsMemory()),
            2 => Vectors.Getter(() => current().Entities, entity => entity.Text.AsMemory()),
            3 => Vectors.Getter(() => current().Entities, entity => entity.Start),
            4 => Vectors.Getter(() => current().Entities, entity => entity.End),
            _ => Vectors.Getter(() => current().Entities, entity => entity.Score),
        };
    }
}
