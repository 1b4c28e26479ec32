using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using MlNetBert;
using MlNetBert.Cli;
using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Hub;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Mlm;
using static TorchSharp.torch;

namespace Examples.Tests;

/// <summary>The C# blocks of the documentation, compiled: DocumentationTests holds the two together.</summary>
internal static class DocumentationSnippets
{
    public static void UseACheckpoint()
    {
        // README.md
        var ml = new MLContext();
        using var model = PretrainedModel.FromDirectory("quickstart");           // or FromHub("google-bert/bert-base-uncased")
        var rows = ml.Data.LoadFromEnumerable([new TextLine { Text = "Paris is the [MASK] of France." }]);

        using var fillMask = ml.Transforms.Text.FillMask("Prediction", "Text", model).Fit(rows);      // nothing is trained
        using var engine = ml.Model.CreatePredictionEngine<TextLine, FillMaskPrediction>(fillMask);
        var filled = engine.Predict(new TextLine { Text = "Paris is the [MASK] of France." });
        Console.WriteLine(string.Join(", ", filled.Tokens.Zip(filled.Scores, (token, score) => $"{token} {score:P0}")));
        // end
    }

    public static void Pipeline()
    {
        // README.md
        var ml = new MLContext(seed: 42);
        IDataView text = ml.Data.LoadFromTextLines("sentences.txt");

        var pipeline = ml.Transforms.Text
            .TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 2_000 })           // learns the vocabulary in Fit
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16, packing: BlockPacking.OneDocumentPerBlock)) // a block a sentence
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions
            {
                Size = "tiny",
                Epochs = 40,
                BatchSize = 64,
                LearningRate = 2e-3,
                MaskProbability = 0.2,
            }));
        var model = pipeline.Fit(text);
        ml.Model.Save(model, text.Schema, "model.zip");

        ITransformer again = ml.Model.Load("model.zip", out _);                                                  // any process; nothing to register
        using var engine = ml.Model.CreatePredictionEngine<TextLine, FillMaskPrediction>(again);
        var filled = engine.Predict(new TextLine { Text = "Paris is the [MASK] of France." });
        Console.WriteLine($"{filled.Sequence}  ({filled.Tokens[0]} {filled.Scores[0]:P0}, {filled.Tokens[1]} {filled.Scores[1]:P0})");
        // end
    }

    public static void Blocks(MLContext ml, IDataView text)
    {
        // README.md
        var tokens = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text").Fit(text).Transform(text);
        IDataView blocks = ml.Data.GroupTokenBlocks(tokens, "Tokens", blockLength: 128);
        var model = ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Epochs = 3 }).Fit(blocks);
        model.Model.Save("out");                             // a Hugging Face directory
        // end
    }

    public static void BytePairVocabulary(MLContext ml)
    {
        // README.md
        var pipeline = ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", new SubwordTokenizingOptions { Model = SubwordModelType.BytePair })  // or Unigram
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 128))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Architecture = "roberta", Epochs = 3 }));
        // end
        _ = pipeline;
    }

    public static void Decoder(MLContext ml, IDataView text)
    {
        // README.md
        var decoder = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text")
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 128))
            .Append(ml.Transforms.Text.PretrainClm("Prediction", "Tokens", new ClmOptions { Epochs = 3 }))        // Llama's shape; or Architecture = "mistral"
            .Fit(text);                                       // adds Prediction.Text, Prediction.Score (mean log-probability) and Prediction.Perplexity
        // end
        _ = decoder;
    }

    public static void Gaps(MLContext ml, IDataView text)
    {
        // README.md
        var gaps = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text")
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 128))
            .Append(ml.Transforms.Text.PretrainPlm("Prediction", "Tokens", new PlmOptions { Epochs = 3 }))        // XLNet
            .Fit(text);                                       // adds Prediction.Token, Prediction.Score and Prediction.Sequence
        // end
        _ = gaps;
    }

    public static void Detector(MLContext ml, IDataView text)
    {
        // README.md
        var detector = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text")
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 128))
            .Append(ml.Transforms.Text.PretrainRtd("Prediction", "Tokens", new RtdOptions { Epochs = 3 }))        // ModernBERT's layers; or Architecture = "electra"
            .Fit(text);                                       // adds, a value for each token, Prediction.Token, Prediction.Replaced and Prediction.Score (the probability)
        // end
        _ = detector;
    }

    public static void Restorer(MLContext ml, IDataView text)
    {
        // README.md
        var restorer = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text")
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 128, packing: BlockPacking.OneDocumentPerBlock))
            .Append(ml.Transforms.Text.PretrainDenoising("Prediction", "Tokens", new DenoisingOptions { Corruption = DenoisingCorruption.TextInfilling, Epochs = 3 }))
            .Fit(text);                                       // adds Prediction.Text ("O gato [MASK] no sofá." restored) and Prediction.Score
        // end
        _ = restorer;
    }

    public static void Checkpoint(MLContext ml, IDataView text)
    {
        // README.md
        using var bert = PretrainedModel.FromHub("google-bert/bert-base-uncased");    // or FromDirectory(path)
        var model = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", bert)
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 128))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", bert, new MlmOptions { Epochs = 1 }))
            .Fit(text);
        // end
        _ = model;
    }

    public static void Features(MLContext ml, ITransformer model)
    {
        // README.md
        using var encoder = PretrainedModel.FromTransformer(model);                         // shares the weights; dispose of it
        var classifier = ml.Transforms.Text.EmbedText("Features", "Description", encoder)
            .Append(ml.Transforms.Conversion.MapValueToKey("Label", "Area"))
            .Append(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy());
        // end
        _ = classifier;
    }

    public static void FineTuning(MLContext ml, IDataView issues, PretrainedModel bert)
    {
        // README.md
        var fineTuned = ml.Transforms.Conversion.MapValueToKey("Label", "Area")
            .Append(ml.MulticlassClassification.Trainers.TextClassification(bert, sentence1ColumnName: "Description"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedArea", "PredictedLabel"));
        var metrics = ml.MulticlassClassification.CrossValidate(issues, fineTuned, numberOfFolds: 5);
        // end
        _ = metrics;
    }

    public static void HuggingFace(MLContext ml, IDataView text)
    {
        // docs/hugging-face.md
        using var bert = PretrainedModel.FromDirectory("bert-base-uncased");       // or FromHub("google-bert/bert-base-uncased")
        Console.WriteLine(string.Join(", ", bert.LoadReport!.MissingKeys));                // what the checkpoint lacked and was initialised

        var pipeline = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", bert)
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 128))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", bert, new MlmOptions { Epochs = 1 }));
        var model = pipeline.Fit(text);

        using var trained = PretrainedModel.FromTransformer(model);
        trained.Save("out");                                                       // config.json, model.safetensors, the tokenizer's files, README.md
        // end
    }

    public static void Weights()
    {
        // docs/hugging-face.md
        var directory = ModelDirectory.Open("out/");
        using ICheckpointWeights weights = directory.OpenWeights();
        foreach (string name in weights.Names)
            Console.WriteLine(weights.Describe(name));      // bert.pooler.dense.bias F32 [768]
        // end
    }

    public static void Hub()
    {
        // docs/hugging-face.md
        using var hub = new HubClient();
        string snapshot = hub.GetSnapshot("google-bert/bert-base-uncased", wanted: ["config.json", "model.safetensors", "vocab.txt"], optional: ["tokenizer.json"]);
        var directory = ModelDirectory.Open(snapshot);
        // end
        _ = directory;
    }

    public static void Migrating(MLContext ml, IDataView held)
    {
        // docs/migrating.md
        using var model = PretrainedModel.FromHub("google-bert/bert-base-uncased");      // or FromDirectory(path), or FromTransformer(what you pretrained)
        var trainer = ml.MulticlassClassification.Trainers.TextClassification(
            model, labelColumnName: "Label", sentence1ColumnName: "Text", options: new TextClassificationOptions { BatchSize = 32, Epochs = 10, EvaluationData = held });
        // end
        _ = trainer;
    }

    public static void Corpus()
    {
        // docs/training.md
        var run = new CorpusPretraining(new CorpusPretrainingOptions
        {
            TrainingFiles = ["corpus.txt"],
            OutputDirectory = "out",
            Training = new MlmOptions { Size = "mini", Epochs = 10, EvaluationFraction = 0.05 },
        });
        using var result = run.Run();
        // end
    }

    public static void TextToText(MLContext ml, PretrainedModel model, IDataView phrases, IDataView heldOut)
    {
        // docs/training.md
        var translator = ml.Transforms.Text.SequenceToSequence("Prediction", model, "English", "Portuguese", new SequenceToSequenceOptions
        {
            EvaluationFraction = 0.05,                                  // loss, BLEU, chrF, ROUGE and exact match while it trains
            Generation = new GenerationOptions { Beams = 4 },           // beam search; without it the most likely token
        }).Fit(phrases);                                                // adds Prediction.Text, Prediction.Score and Prediction.Perplexity
        var quality = ml.Transforms.Text.EvaluateSequenceToSequence(translator.Transform(heldOut), "Portuguese");
        Console.WriteLine($"BLEU {quality.Bleu:0.0}, chrF {quality.Chrf:0.0}, ROUGE-L {quality.RougeL:0.00}, exact {quality.ExactMatch:0 %}");
        // end
    }

    // docs/serving.md
    public sealed class MaskService(MLContext ml, string file) : IDisposable
    {
        private readonly ConcurrentBag<PredictionEngine<TextLine, FillMaskPrediction>> _engines = [];
        private readonly ITransformer _model = ml.Model.Load(file, out _);

        public FillMaskPrediction Fill(string text)                       // from any thread
        {
            if (!_engines.TryTake(out var engine))
                engine = ml.Model.CreatePredictionEngine<TextLine, FillMaskPrediction>(_model);
            try
            {
                return engine.Predict(new TextLine { Text = text });
            }
            finally
            {
                _engines.Add(engine);
            }
        }

        public void Dispose()
        {
            while (_engines.TryTake(out var engine))
                engine.Dispose();
            (_model as IDisposable)?.Dispose();
        }
    }
    // end

    public static void Embedding()
    {
        // docs/serving.md
        using var model = PretrainedModel.FromDirectory("all-MiniLM-L6-v2");
        var embedder = new TextEmbedder(model);                       // one for all requests
        IReadOnlyList<float[]> vectors = embedder.Embed(["How do I reset my password?", "Where is my order?"]);
        // end
        _ = vectors;
    }

    // docs/adding-an-objective.md
    public sealed class MultiLabelObjective(SequenceClassifier model, SequenceExamples<float[]> examples)
        : SequenceObjective<SequenceClassifier, float[]>(model, examples)
    {
        protected override long TargetsOf(float[] label) => label.Length;

        protected override Tensor SummedLoss(SequenceInputs inputs, SequenceBatch<float[]> batch)
        {
            var logits = Network.forward(inputs.InputIds, inputs.AttentionMask, inputs.TokenTypeIds);   // [batch, labels]
            var labels = tensor(batch.Labels.SelectMany(label => label).ToArray()).reshape(logits.shape); // [batch, labels]
            return nn.functional.binary_cross_entropy_with_logits(logits, labels.to(Device), reduction: nn.Reduction.Sum);
        }
    }
    // end

    public static TrainingResult Train(ModelConfig config, SequenceExamples<float[]> examples, TrainingOptions options)
    {
        // docs/adding-an-objective.md
        var network = (SequenceClassifier)ModelArchitecture.Of(config).Create(ModelHead.SequenceClassifier, config, seed: 1);
        var objective = new MultiLabelObjective(network, examples);
        var defaults = new TrainingDefaults(BatchSize: 16, LearningRate: 1e-3, WarmupRatio: 0, Seed: 42);
        var loop = new TrainingLoop(objective, new TrainingLoopOptions { Training = options, Defaults = defaults });
        var result = loop.Run();
        // end
        network.Dispose();
        return result;
    }

    // docs/adding-an-objective.md
    public sealed record ReversalOptions : PretrainingOptions
    {
        protected override PretrainingTask Task => PretrainingTask.Get("reversal");
    }

    public sealed class Reversal(int paddingTokenId) : ICorruption
    {
        public int PaddingTokenId => paddingTokenId;

        public void Corrupt(ReadOnlySpan<int> block, CorruptionKey key, CorruptedBlock corrupted)
        {
            corrupted.Clear();
            corrupted.Ids.AddRange(block.ToArray());
            for (var place = 1; place < block.Length - 1; place++) // between [CLS] and [SEP]
            {
                corrupted.Positions.Add(place);
                corrupted.Labels.Add(block[block.Length - 1 - place]);
            }
        }
    }

    public sealed class ReversalTask : PretrainingTask
    {
        public override string Name => "reversal";

        public override string Description => "token reversal";

        public override ModelHead Head => ModelHead.MaskedLanguageModel;

        public override PretrainingCardTexts Card { get; } =
            new("A model that says its text backward", "token-reversal", "token", "Open it as any masked language model.");

        public override PretrainingOptions CreateOptions() => new ReversalOptions();

        public override ICorruption CreateCorruption(PretrainingData data) =>
            new Reversal(data.Tokenizer.SpecialTokens.Require(SpecialTokenRole.Padding, "Token reversal"));

        public override Objective CreateObjective(nn.Module model, PretrainingData data) => new MlmObjective(
            (MaskedLanguageModel)model, new CorruptedBlocks(data.Blocks, CreateCorruption(data), data.CorruptionStream), data.Precision);
    }
    // end

    public static int RunTool(params string[] args)
    {
        // docs/adding-an-objective.md
        PretrainingTask.Register(new ReversalTask());
        return MlNetBertTool.Run(args); // pretrain --objective reversal --data corpus.txt --output out/
        // end
    }

    // docs/adding-a-tokenizer.md
    public sealed class CharacterModel(IReadOnlyDictionary<string, int> vocabulary, string unknownToken) : SubwordModel
    {
        public override string Type => "Character";

        public override IEnumerable<KeyValuePair<string, int>> Vocabulary => vocabulary;

        public override string UnknownToken => unknownToken;

        public static CharacterModel Read(JsonPart section) =>
            new(section.Required("vocab").GetVocabulary(), section.Required("unk_token").GetString());

        public override void Write(Utf8JsonWriter writer)
        {
            writer.WriteString("unk_token", unknownToken);
            WriteVocabulary(writer, vocabulary);
        }

        public override void Spell(ReadOnlySpan<char> word, List<Subword> pieces)
        {
            string mark = "";
            foreach (Rune character in word.EnumerateRunes())
            {
                int id = vocabulary.TryGetValue(mark + character, out int found) ? found : vocabulary[unknownToken];
                pieces.Add(new Subword(id, character.Utf16SequenceLength));
                mark = "##";
            }
        }

        public override bool ContinuesWord(string piece) => piece.Length > 2 && piece.StartsWith("##", StringComparison.Ordinal);

        public override string WithoutMark(string piece) => ContinuesWord(piece) ? piece[2..] : piece;
    }
    // end

    // docs/adding-a-tokenizer.md
    public sealed class CharacterTrainer(int? maxLength = null)
    {
        private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

        public SubwordTokenizer Train(IEnumerable<string> texts, CancellationToken cancellationToken = default)
        {
            var pipeline = new TokenizerPipeline
            {
                Normalizer = new BertNormalizer { LowerCase = true },
                PreTokenizer = new BertPreTokenizer(),
                AddedTokens = [.. Special.Select(token => new AddedToken(token))],
                Decoder = new WordPieceDecoder(Prefix: "##"),
                MaxLength = maxLength,
            };
            var pieces = new SortedSet<string>(StringComparer.Ordinal);
            foreach (string word in pipeline.ReadWords(texts, cancellationToken))
            {
                string mark = "";
                foreach (Rune character in word.EnumerateRunes())
                {
                    pieces.Add(mark + character);
                    mark = "##";
                }
            }

            var ids = Special.Concat(pieces).Select((piece, id) => (piece, id)).ToDictionary(entry => entry.piece, entry => entry.id);
            return SubwordTokenizer.Create(pipeline with
            {
                Model = new CharacterModel(ids, "[UNK]"),
                SpecialTokens = new SpecialTokens
                {
                    PaddingTokenId = ids["[PAD]"],
                    UnknownTokenId = ids["[UNK]"],
                    ClassificationTokenId = ids["[CLS]"],
                    SeparatorTokenId = ids["[SEP]"],
                    MaskTokenId = ids["[MASK]"],
                },
                Template = SpecialTokenTemplate.CreateBert(ids["[CLS]"], ids["[SEP]"]),
            });
        }
    }
    // end

    public static void CharacterTokens(MLContext ml)
    {
        // docs/adding-a-tokenizer.md
        SubwordModel.Register("Character", CharacterModel.Read);     // once a process, before a file of this kind is opened
        SubwordTokenizer tokenizer = new CharacterTrainer(maxLength: 128).Train(File.ReadLines("corpus.txt"));
        var pipeline = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", tokenizer)
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 128))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Epochs = 10 }));
        // end
        _ = pipeline;
    }
}
