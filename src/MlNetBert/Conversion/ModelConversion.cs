using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Inference;
using MlNetBert.Interop;
using MlNetBert.Pretraining;

namespace MlNetBert.Conversion;

/// <summary>Writes a model as a Hugging Face directory or as an ML.NET zip, with its weights as they are or in another type.</summary>
internal static class ModelConversion
{
    /// <summary>
    /// Converts a model. A directory gets the model's files byte for byte, except for a changed type. A zip gets a pipeline that takes a
    /// column "Text": what the objective of its head says (of a masked-LM head, masks are filled: "Prediction.Token", "Prediction.Score",
    /// "Prediction.Sequence"), or else embeds ("Features").
    /// </summary>
    /// <param name="source">The model.</param>
    /// <param name="output">Where to: a name that ends with .zip is a zip, another one a directory, which replaces one that holds nothing
    /// but a model.</param>
    /// <param name="dtype">F32, F16 or BF16 for the weights; null leaves them as they are.</param>
    /// <param name="options">What is done where files contradict each other; null for the defaults. A tokenizer that it changes is written
    /// anew.</param>
    /// <param name="cancellationToken">Stops it; what was at the output before stays.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="ModelFormatException">The model cannot be opened, or a weight does not fit the type.</exception>
    /// <exception cref="IOException">The output cannot be written, is the model itself, or is a directory that holds something
    /// else.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static ConversionResult Convert(ModelSource source, string output, SafetensorsDtype? dtype = null,
        PretrainedModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= PretrainedModelOptions.Default;
        options.Validate();
        ArgumentException.ThrowIfNullOrEmpty(output);
        if (dtype is not (null or SafetensorsDtype.F32 or SafetensorsDtype.F16 or SafetensorsDtype.BF16))
            throw new ArgumentException($"Weights are written as F32, F16 or BF16, found {dtype}.", nameof(dtype));
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));
        if (source.Kind != ModelSourceKind.Hub && FileIdentity.Of(source.Name) is { Kind: not FileKind.None } model)
        {
            if (FileIdentity.Of(target) == model)
                throw new IOException($"The output {target} is the model itself. Choose another place.");
            if (FileIdentity.IsWithin(target, new HashSet<string> { model.Key }))
                throw new IOException($"The output {target} is in the model's own directory. Choose another place.");
        }

        if (Path.GetDirectoryName(target) is null)
            throw new IOException($"The output {target} is the root of a file system. Choose a directory below it.");
        return target.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)
            ? ToZip(source, target, dtype, options, cancellationToken)
            : ToDirectory(source, target, dtype, options, cancellationToken);
    }

    private static ConversionResult ToDirectory(
        ModelSource source, string target, SafetensorsDtype? dtype, PretrainedModelOptions options, CancellationToken cancellationToken)
    {
        OutputPlace.RequireReplaceable(target);
        var directory = source.GetDirectory(cancellationToken);
        var warnings = LoadWarnings.OfCopy(directory, source.Name);
        AtomicDirectory.Create(target, temporary => DirectoryCopy.Write(directory, temporary, dtype, options, cancellationToken));
        return new ConversionResult(target, ModelSourceKind.Directory, DtypesOf(target), [.. Directory
            .EnumerateFiles(target, "*", SearchOption.AllDirectories)
            .Select(file =>
                new ConvertedFile(Path.GetRelativePath(target, file).Replace(Path.DirectorySeparatorChar, '/'), new FileInfo(file).Length))
            .OrderBy(file => file.Name, StringComparer.Ordinal)])
        {
            Warnings = warnings,
        };
    }

    private static ConversionResult ToZip(
        ModelSource source, string target, SafetensorsDtype? dtype, PretrainedModelOptions options, CancellationToken cancellationToken)
    {
        if (File.Exists(target) && !PipelineZip.Is(target))
            throw new IOException(
                $"The file {target} is there already and is no ML.NET zip, so it is not replaced. Choose another name, or remove it.");
        AtomicFile.RequireWritable(target);
        var temporary = dtype is null ? null : Directory.CreateTempSubdirectory("mlnetbert-convert-").FullName;
        try
        {
            if (temporary is not null)
                DirectoryCopy.Write(source.GetDirectory(cancellationToken), temporary, dtype, options, cancellationToken);
            using var model = temporary is null
                ? source.Open(options, cancellationToken)
                : new PretrainedModel(
                    SharedModelReader.Read(temporary, source.Name, temporary: true, cancellationToken: cancellationToken));
            var ml = new MLContext();
            var rows = ml.Data.LoadFromEnumerable(Array.Empty<TextLine>());
            var task = RecordedObjective.TaskOf(model, out var unknown);
            var own = task?.CreatePipeline(ml, model);
            var pipeline = own ?? ml.Transforms.Text.EmbedText("Features", nameof(TextLine.Text), model).Fit(rows);
            using var owned = pipeline as IDisposable;
            AtomicFile.Write(target, stream =>
            {
                using var canceled = new CancelableStream(stream, cancellationToken);
                ml.Model.Save(pipeline, rows.Schema, canceled);
            });
            return new ConversionResult(
                target, ModelSourceKind.Zip, DtypesOf(temporary ?? source.GetDirectory(cancellationToken)),
                [new ConvertedFile(Path.GetFileName(target), new FileInfo(target).Length)])
            {
                Warnings = [.. model.Warnings, .. unknown is null ? Array.Empty<string>() : [
                    $"The model was pretrained for the objective '{unknown}', which this program does not have: the zip embeds texts."]],
                Objective = own is null ? null : task!.Name,
            };
        }
        finally
        {
            if (temporary is not null)
                Directory.Delete(temporary, recursive: true);
        }
    }

    private static IReadOnlyList<SafetensorsDtype> DtypesOf(string directory)
    {
        using var weights = ModelDirectory.Open(directory).OpenWeights();
        return [.. weights.Names.Select(name => weights.Describe(name).Dtype).Where(dtype => dtype.IsFloatingPoint()).Distinct().Order()];
    }
}
