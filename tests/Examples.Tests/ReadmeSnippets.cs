using Microsoft.ML;
using MlNetBert;
using MlNetBert.Text.Blocks;

namespace Examples.Tests;

/// <summary>The C# blocks of the README, compiled: ReadmeTests holds the two together.</summary>
internal static class ReadmeSnippets
{
    public static void Pipeline()
    {
        // README
        var ml = new MLContext(seed: 42);
        IDataView text = ml.Data.LoadFromTextLines("sentences.txt");

        var pipeline = ml.Transforms.Text
            .TokenizeIntoWordPieces("Tokens", "Text", new WordPieceOptions { VocabularySize = 2_000 })           // learns the vocabulary in Fit
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16, join: DocumentJoin.KeepApart)) // a block a sentence
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
        using var engine = ml.Model.CreatePredictionEngine<TextLine, FilledMask>(again);
        var filled = engine.Predict(new TextLine { Text = "Paris is the [MASK] of France." });
        Console.WriteLine($"{filled.Sequence}  ({filled.Token[0]} {filled.Score[0]:P0}, {filled.Token[1]} {filled.Score[1]:P0})");
        // end
    }

    public static void Blocks(MLContext ml, IDataView text)
    {
        // README
        var tokens = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text").Fit(text).Transform(text);
        IDataView blocks = ml.Data.GroupTokenBlocks(tokens, "Tokens", blockLength: 128);
        var model = ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Epochs = 3 }).Fit(blocks);
        model.Model.Save("out");                             // a Hugging Face directory
        // end
    }

    public static void Checkpoint(MLContext ml, IDataView text)
    {
        // README
        var bert = PretrainedModel.FromHub("google-bert/bert-base-uncased");    // or FromDirectory(path)
        var model = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", bert)
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 128))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", bert, new MlmOptions { Epochs = 1 }))
            .Fit(text);
        // end
        _ = model;
    }

    public static void Features(MLContext ml, ITransformer model)
    {
        // README
        var classifier = ml.Transforms.Text.EmbedText("Features", "Description", PretrainedModel.From(model))
            .Append(ml.Transforms.Conversion.MapValueToKey("Label", "Area"))
            .Append(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy());
        // end
        _ = classifier;
    }

    public static void FineTuning(MLContext ml, IDataView issues, PretrainedModel bert)
    {
        // README
        var fineTuned = ml.Transforms.Conversion.MapValueToKey("Label", "Area")
            .Append(ml.MulticlassClassification.Trainers.TextClassification(bert, sentence1ColumnName: "Description"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedArea", "PredictedLabel"));
        var metrics = ml.MulticlassClassification.CrossValidate(issues, fineTuned, numberOfFolds: 5);
        // end
        _ = metrics;
    }
}
