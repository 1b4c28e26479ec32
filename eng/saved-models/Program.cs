// Makes small saved models and a stopped run with the commit that it is built in, and records what that commit computes with them.
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MlNetBert;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Training;
using TorchSharp;
using static MlNetBert.Tests.Common.SavedRows;

var (tool, output) = (args[0], Directory.CreateDirectory(args[1]).FullName);
torch.set_num_threads(1);
string At(string name) => Path.Combine(output, name);
var indented = new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

// The text: animals do things in places, and each animal has a place that it likes.
(string Animal, string Verb, string Place, string Kind)[] facts =
[
    ("cat", "sleeps", "house", "tame"), ("dog", "barks", "yard", "tame"), ("horse", "runs", "field", "tame"), ("hen", "eats", "yard", "tame"),
    ("fox", "hunts", "forest", "wild"), ("wolf", "hunts", "forest", "wild"), ("owl", "flies", "forest", "wild"), ("fish", "swims", "lake", "wild"),
];
string[] times = ["today", "at night", "in spring", "every day"];
var sentences = (from fact in facts from time in times select $"The {fact.Animal} {fact.Verb} in the {fact.Place} {time}.").ToArray();
string[] pieces =
[
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?", "the", "in", "at", "a", "is", "who", "where", "today", "night", "spring", "every", "day", "anna", "paul", "rome",
    .. facts.SelectMany(f => new[] { f.Animal, f.Verb, f.Place }).Distinct(), "##s", "##ly", "##ing", "lives", "sees",
];
var input = Directory.CreateDirectory(At("run-input")).FullName;
File.WriteAllLines(Path.Combine(input, "vocab.txt"), pieces);
File.WriteAllText(Path.Combine(input, "text.txt"), string.Join('\n', sentences.Concat(sentences.Reverse())) + "\n");
string Config(string type, string more) =>
    $$"""{"model_type":"{{type}}","vocab_size":{{pieces.Length}},"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"max_position_embeddings":32,{{more}}}""";
File.WriteAllText(Path.Combine(input, "config.json"), Config("bert", "\"hidden_dropout_prob\":0.0,\"attention_probs_dropout_prob\":0.0,\"type_vocab_size\":2,\"pad_token_id\":0"));
File.WriteAllText(At("modernbert.json"), Config("modernbert", "\"local_attention\":8,\"global_attn_every_n_layers\":2,\"pad_token_id\":0,\"cls_token_id\":2,\"sep_token_id\":3,\"bos_token_id\":2,\"eos_token_id\":3"));

var ml = new MLContext(7);
var expected = new JsonObject();

// 1. Fill-mask pipelines, one for each architecture; the models behind them as directories.
var texts = View(sentences.Select(s => new TextRow { Text = s }));
TextRow[] masked = [new() { Text = "The cat sleeps in the [MASK] today." }, new() { Text = "The [MASK] hunts in the forest at night." }];
foreach (var (name, configuration) in new[] { ("modernbert", At("modernbert.json")), ("bert", Path.Combine(input, "config.json")) })
{
    var pipeline = ml.Transforms.Text
        .TokenizeIntoWordPieces("Tokens", "Text", new WordPieceOptions { VocabularyFile = Path.Combine(input, "vocab.txt") })
        .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16))
        .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions
        {
            Configuration = ModelArchitecture.ReadConfig(configuration), MaxSteps = 60, BatchSize = 8, LearningRate = 5e-3, Threads = 1, Device = "cpu", Precision = Precision.Float32, TopK = 3,
        }));
    var fitted = pipeline.Fit(texts);
    Save($"fill-mask-{name}.zip", fitted, texts, masked);
    using var model = PretrainedModel.From(fitted);
    model.Save(At(name));
}

File.Delete(At("modernbert.json"));

// 2. What is trained behind the model: its own heads, and a trainer of ML.NET's behind its vectors.
using var bert = PretrainedModel.FromDirectory(At("bert"));
var kinds = View((from fact in facts from time in times select new KindRow { Label = fact.Kind, Sentence1 = $"The {fact.Animal} {fact.Verb} {time}." }).ToArray());
KindRow[] animals = [new() { Sentence1 = "The wolf runs today." }, new() { Sentence1 = "A dog sleeps at night." }];
var settings = new { Steps = 20L };
Save("classification.zip", ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.MulticlassClassification.Trainers.TextClassification(bert, options: new TextClassificationOptions { MaxSteps = settings.Steps, BatchSize = 8, Threads = 1, Device = "cpu", Precision = Precision.Float32 }))
    .Append(ml.Transforms.Conversion.MapKeyToValue("Kind", "PredictedLabel")).Fit(kinds), kinds, animals);
Save("embedding.zip", ml.Transforms.Text.EmbedText("Features", "Sentence1", bert)
    .Append(ml.Transforms.Conversion.MapValueToKey("Label"))
    .Append(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy())
    .Append(ml.Transforms.Conversion.MapKeyToValue("Kind", "PredictedLabel")).Fit(kinds), kinds, animals);
var similar = View(facts.SelectMany(f => facts.Select(g => new SimilarRow { Label = f.Place == g.Place ? 1 : 0, Sentence1 = $"The {f.Animal} {f.Verb}.", Sentence2 = $"The {g.Animal} {g.Verb}." })).ToArray());
Save("similarity.zip", ml.Regression.Trainers.SentenceSimilarity(bert, options: new SentenceSimilarityOptions { MaxSteps = settings.Steps, BatchSize = 8, Threads = 1, Device = "cpu", Precision = Precision.Float32 })
    .Fit(similar), similar, new[] { new SimilarRow { Sentence1 = "The fox hunts.", Sentence2 = "The wolf hunts." }, new SimilarRow { Sentence1 = "The cat sleeps.", Sentence2 = "The fish swims." } });
var tagged = View(new[] { "Anna", "Paul" }.SelectMany(who => facts.Select(f => new TagRow { Sentence = $"{who} sees the {f.Animal} in Rome .", Label = ["B-PER", "O", "O", "O", "O", "B-LOC", "O"] })).ToArray());
Save("entities.zip", ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.MulticlassClassification.Trainers.NamedEntityRecognition(bert, sentence1ColumnName: "Sentence", options: new NamedEntityRecognitionOptions { MaxSteps = settings.Steps, LearningRate = 5e-3, BatchSize = 8, Threads = 1, Device = "cpu", Precision = Precision.Float32 }))
    .Fit(tagged), tagged, new[] { new TagRow { Sentence = "Paul sees a fox in Rome .", Label = [] }, new TagRow { Sentence = "The cat sleeps .", Label = [] } });
var questions = View(facts.Select(f => new QuestionRow { Context = $"The {f.Animal} lives in the {f.Place}.", Question = $"Where is the {f.Animal}?", TrainingAnswer = f.Place, AnswerIndex = $"The {f.Animal} lives in the ".Length }).ToArray());
Save("answers.zip", ml.MulticlassClassification.Trainers.QuestionAnswer(bert, options: new QuestionAnswerOptions { MaxSteps = settings.Steps, MaxLength = 32, LearningRate = 5e-3, BatchSize = 8, Threads = 1, Device = "cpu", Precision = Precision.Float32 })
    .Fit(questions), questions, new[] { new QuestionRow { Context = "The owl lives in the forest.", Question = "Where is the owl?", TrainingAnswer = "" } });

// 3. The directories, by vectors and by the tool.
foreach (var name in new[] { "bert", "modernbert" })
{
    using var model = PretrainedModel.FromDirectory(At(name));
    TextRow[] rows = [new() { Text = "The cat sleeps in the house." }, new() { Text = "A wolf hunts at night." }];
    var vectors = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(View(rows)).Transform(View(rows));
    expected[name] = new JsonObject
    {
        ["rows"] = JsonSerializer.SerializeToNode(rows),
        ["outputs"] = ViewColumns.Read(vectors, View(rows).Schema),
        ["fill_mask"] = new JsonArray([.. Call(["fill-mask", "--model", At(name), "--top", "3", "--json", masked[0].Text], killAt: null)]),
    };
}

// 4. A run that was stopped, and what comes of it when it is resumed with this commit.
string[] run =
[
    "pretrain", "--data", "text.txt", "--vocabulary", "vocab.txt", "--config", "config.json", "--block", "16", "--batch", "4", "--max-steps", "60", "--save-every", "10", "--log-every", "1",
    "--learning-rate", "5e-3", "--eval-share", "0.2", "--precision", "fp32", "--device", "cpu", "--threads", "1", "--json", "--output",
];
var lines = Call([.. run, At("run")], killAt: 12);
File.Delete(Path.Combine(At("run"), "curves.png"));
foreach (var older in Directory.EnumerateDirectories(Path.Combine(At("run"), "checkpoints")).OrderByDescending(d => int.Parse(d[(d.LastIndexOf('-') + 1)..])).Skip(1).ToList())
    Directory.Delete(older, recursive: true);
var resumed = Path.Combine(Path.GetTempPath(), "mlnetbert-resumed-" + Path.GetRandomFileName());
Copy(At("run"), resumed);
lines = Call([.. run, resumed, "--resume"], killAt: null);
expected["run"] = new JsonObject
{
    ["arguments"] = new JsonArray([.. run.Select(a => JsonValue.Create(a))]),
    ["steps"] = new JsonArray([.. lines.Where(l => (string?)l["event"] == "step").Select(l => new JsonObject { ["step"] = (long)l["step"]!, ["loss"] = (double)l["loss"]! })]),
    ["loss"] = (double)lines[^1]["loss"]!,
    ["weights_sha256"] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(resumed, "model.safetensors")))),
};
Directory.Delete(resumed, recursive: true);
File.WriteAllText(At("expected.json"), expected.ToJsonString(indented) + "\n");
return;

IDataView View<T>(IEnumerable<T> rows) where T : class => ml.Data.LoadFromEnumerable(rows);

void Save<T>(string name, ITransformer transformer, IDataView training, T[] rows)
    where T : class
{
    ml.Model.Save(transformer, training.Schema, At(name));
    var opened = ml.Model.Load(At(name), out _);
    expected[name] = new JsonObject { ["rows"] = JsonSerializer.SerializeToNode(rows), ["outputs"] = ViewColumns.Read(opened.Transform(View(rows)), View(rows).Schema) };
    (opened as IDisposable)?.Dispose();
}

// Calls the tool; ends it with SIGTERM when it has come to a step.
List<JsonNode> Call(string[] arguments, long? killAt)
{
    using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.GetFullPath(tool), .. arguments]) { RedirectStandardOutput = true, WorkingDirectory = input })!;
    var read = new List<JsonNode>();
    var killed = false;
    while (process.StandardOutput.ReadLine() is { } line)
    {
        read.Add(JsonNode.Parse(line)!);
        if (!killed && killAt is { } step && (long?)read[^1]["step"] >= step)
        {
            killed = true;
            Process.Start("kill", ["-TERM", process.Id.ToString()]).WaitForExit();
        }
    }

    process.WaitForExit();
    if (killed != (process.ExitCode != 0))
        throw new InvalidOperationException($"The tool ended with {process.ExitCode}.");
    return read;
}

static void Copy(string from, string to)
{
    foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
    {
        var target = Path.Combine(to, Path.GetRelativePath(from, file));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(file, target);
    }
}
