// The course notebook in ML.NET: from text lines to a masked language model, step by step.
using System.Globalization;
using Lesson;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert;

const int BLOCK_SIZE = 128;
const double MLM_PROB = 0.15;
const int EPOCHS = 1;
const int BATCH_SIZE = 16;          // of training and of evaluation
const double LEARNING_RATE = 5e-5;
const double WEIGHT_DECAY = 0.01;
const double MAX_GRAD_NORM = 1.0;
const int SEED = 42;
const int LOGGING_STEPS = 50;
const int SAVE_STEPS = 500;         // and at the end of every epoch; so is evaluation
const string SIZE = "minilm";       // of a model from random weights
const string ARCHITECTURE = "modernbert"; // or "bert", as in the notebook: docs/results.md has both
const int VOCAB_SIZE = 8_000;       // where no vocabulary is at hand and one is learnt
const int TOP_K = 5;
string[] sentences =
[
    "The cat [MASK] on the mat.",
    "Deep learning has [MASK] the state of the art.",
    "Paris is the [MASK] of France.",
];

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Arguments arguments;
try
{
    arguments = Arguments.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

var USE_RANDOM_INIT = arguments.From is null;
var ml = new MLContext(SEED);

// 1. Load text lines.
var data = LessonData.Load(arguments.File);
Console.WriteLine($"Data: {data.Name}; {data.Training.Count:N0} lines to learn from, {data.Evaluation.Count:N0} to measure on");
var trainingLines = Rows(data.Training);
var evaluationLines = Rows(data.Evaluation);

// 2. Tokenize: with the checkpoint's tokenizer, a vocabulary at hand, or one that is learnt here.
using var checkpoint = USE_RANDOM_INIT ? null : PretrainedModel.FromDirectory(arguments.From!);
var vocabulary = arguments.Vocabulary ?? LessonData.Shared("bert-base-uncased-vocab.txt");
var tokenizer = (checkpoint is not null
    ? ml.Transforms.Text.TokenizeIntoSubwords("Tokens", "Text", checkpoint)
    : ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", vocabulary is null
        ? new WordPieceTokenizingOptions { VocabularySize = VOCAB_SIZE }
        : new WordPieceTokenizingOptions { VocabularyFile = vocabulary })).Fit(trainingLines);

// 3. group_texts: every line, an empty one too, as [CLS] … [SEP], joined and cut in blocks; the remainder is dropped.
var trainingBlocks = ml.Data.GroupTokenBlocks(tokenizer.Transform(trainingLines), "Tokens", BLOCK_SIZE, skipEmptyDocuments: false);
var evaluationBlocks = ml.Data.GroupTokenBlocks(tokenizer.Transform(evaluationLines), "Tokens", BLOCK_SIZE, skipEmptyDocuments: false);
var (trainingCount, evaluationCount) = (Count(trainingBlocks), Count(evaluationBlocks));
Console.WriteLine($"Blocks of {BLOCK_SIZE} tokens: {trainingCount:N0} to learn from, {evaluationCount:N0} to measure on");

// 4. Dynamic masking, training, evaluation before the first step and after each epoch.
var stepsPerEpoch = (trainingCount + BATCH_SIZE - 1) / BATCH_SIZE;
var options = new MlmOptions
{
    Architecture = USE_RANDOM_INIT ? ARCHITECTURE : null,
    Size = USE_RANDOM_INIT ? SIZE : null,                 // a checkpoint has its own
    MaskProbability = MLM_PROB,
    Epochs = EPOCHS,
    BatchSize = BATCH_SIZE,
    LearningRate = LEARNING_RATE,
    WarmupRatio = 0,
    WeightDecay = WEIGHT_DECAY,
    ClipNorm = MAX_GRAD_NORM,
    Seed = SEED,
    LogEveryNSteps = LOGGING_STEPS,
    CheckpointDirectory = Path.Combine(arguments.Output, "checkpoints"),
    SaveEveryNSteps = Math.Min(SAVE_STEPS, stepsPerEpoch),
    Resume = true,                                        // a lesson that was stopped goes on, a finished one shows its end again
    EvaluationData = evaluationBlocks,
    Prediction = new FillMaskOptions { TopK = TOP_K },
    Progress = new Reporter(),
};
var pretraining = checkpoint is null
    ? ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options)
    : ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", checkpoint, options);
FillMaskTransformer trained;
try
{
    trained = pretraining.Fit(trainingBlocks);
}
catch (CheckpointException e)
{
    Console.Error.WriteLine($"{e.Message} Another --output begins a new lesson.");
    return 1;
}

// 5. Perplexity = exp(loss).
var loss = trained.History.LastEvaluation!.EvaluationLoss!.Value;
Console.WriteLine($"Evaluation loss {loss:0.0000}, perplexity {Math.Exp(loss):0.0}");

// 6. Save model and tokenizer: as a Hugging Face directory, and with the pipeline as ML.NET's zip.
var directory = Path.Combine(arguments.Output, "model");
var zip = Path.Combine(arguments.Output, "lesson.zip");
trained.Model.Save(directory);
ml.Model.Save(new TransformerChain<ITransformer>(tokenizer, trained), trainingLines.Schema, zip);
Console.WriteLine($"Saved {directory} and {zip}");

// 7. Reload, and fill masks; RoBERTa's is <mask>.
var reloaded = ml.Model.Load(zip, out _);
var subwords = trained.Model.Tokenizer;
var mask = subwords.GetText(subwords.SpecialTokens.MaskTokenId!.Value);
var masked = sentences.Select(sentence => sentence.Replace("[MASK]", mask, StringComparison.Ordinal)).ToArray();
foreach (var (sentence, filled) in masked.Zip(ml.Data.CreateEnumerable<FillMaskPrediction>(reloaded.Transform(Rows(masked)), reuseRowObject: false)))
    Console.WriteLine($"{sentence}  {string.Join(", ", filled.Tokens.Zip(filled.Scores, (token, score) => $"{token} {score:0.0000}"))}");
return 0;

IDataView Rows(IEnumerable<string> lines) => ml.Data.LoadFromEnumerable(lines.Select(line => new TextLine { Text = line }));

static int Count(IDataView view)
{
    using var cursor = view.GetRowCursor([]);
    var rows = 0;
    while (cursor.MoveNext())
        rows++;
    return rows;
}
