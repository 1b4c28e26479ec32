using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using Microsoft.ML;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests;

/// <summary>Holds what the public API may be: its size, its names, the one form of options.</summary>
public partial class PublicApiTests
{
    // What is promised: types and lines without those that are experimental.
    // 110, two of vocabularies of any kind (SubwordTokenizingOptions and SubwordModelType), two of masked language modeling (MaskingUnit and
    // SentencePairTask), four of causal language modeling (ClmOptions, ClmPretrainingEstimator, TextGenerationTransformer,
    // TextGenerationPrediction), GenerationOptions, two of permuted language modeling (PlmOptions, PlmPretrainingEstimator), four of text to
    // text (SequenceToSequenceOptions, SequenceToSequenceEstimator, SequenceToSequenceTransformer, TextMetrics), four of replaced-token
    // detection (RtdOptions, RtdPretrainingEstimator, ReplacedTokenTransformer, ReplacedTokenPrediction), and five of denoising (DenoisingOptions,
    // DenoisingCorruption, DenoisingPretrainingEstimator, TextReconstructionTransformer, TextReconstructionPrediction).
    private const int MostTypes = 134;
    private const int MostLines = 1_450;

    // Whoever imports these beside MlNetBert must not meet a name twice (CS0104).
    private static readonly HashSet<string> ForeignNamespaces = new(StringComparer.Ordinal)
    {
        "Microsoft.ML", "Microsoft.ML.Tokenizers", "TorchSharp", "TorchSharp.Modules", "Microsoft.Extensions.AI", "System", "System.IO", "System.Linq", "System.Text", "System.Numerics",
        "System.Threading", "System.Threading.Tasks", "System.Collections.Generic",
    };

    // Microsoft.Extensions.AI.Abstractions is no dependency: its types by name (10.11).
    private static readonly string[] ExtensionsAi =
    [
        "AIAnnotation", "AIContent", "AIContentExtensions", "AIFunction", "AIFunctionArguments", "AIFunctionDeclaration", "AIFunctionFactory", "AIFunctionFactoryOptions",
        "AIFunctionNameAttribute", "AIJsonSchemaCreateContext", "AIJsonSchemaCreateOptions", "AIJsonSchemaTransformCache", "AIJsonSchemaTransformContext",
        "AIJsonSchemaTransformOptions", "AIJsonUtilities", "AIParameterNameAttribute", "AITool", "AdditionalPropertiesDictionary", "AnnotatedRegion", "ApprovalRequiredAIFunction",
        "AutoChatToolMode", "BinaryEmbedding", "ChatClientExtensions", "ChatClientMetadata", "ChatFinishReason", "ChatMessage", "ChatOptions", "ChatResponse", "ChatResponseExtensions",
        "ChatResponseFormat", "ChatResponseFormatJson", "ChatResponseFormatText", "ChatResponseUpdate", "ChatRole", "ChatToolMode", "CitationAnnotation",
        "CodeInterpreterToolCallContent", "CodeInterpreterToolResultContent", "CreateConversationItemRealtimeClientMessage", "CreateResponseRealtimeClientMessage", "DataContent",
        "DataUriParser", "DelegatingAIFunction", "DelegatingAIFunctionDeclaration", "DelegatingChatClient", "DelegatingEmbeddingGenerator", "DelegatingHostedFileClient",
        "DelegatingImageGenerator", "DelegatingRealtimeClient", "DelegatingSpeechToTextClient", "DelegatingTextToSpeechClient", "Embedding", "EmbeddingGenerationOptions",
        "EmbeddingGeneratorExtensions", "EmbeddingGeneratorMetadata", "ErrorContent", "ErrorRealtimeServerMessage", "FunctionCallContent", "FunctionResultContent",
        "GeneratedEmbeddings", "HostedCodeInterpreterTool", "HostedFileClientExtensions", "HostedFileClientMetadata", "HostedFileClientOptions", "HostedFileContent",
        "HostedFileDownloadStream", "HostedFileSearchTool", "HostedImageGenerationTool", "HostedMcpServerTool", "HostedMcpServerToolAlwaysRequireApprovalMode",
        "HostedMcpServerToolApprovalMode", "HostedMcpServerToolNeverRequireApprovalMode", "HostedMcpServerToolRequireSpecificApprovalMode", "HostedToolSearchTool",
        "HostedVectorStoreContent", "HostedWebSearchTool", "IChatClient", "IChatReducer", "IEmbeddingGenerator", "IHostedFileClient", "IImageGenerator", "IRealtimeClient",
        "IRealtimeClientSession", "ISpeechToTextClient", "ITextToSpeechClient", "ImageGenerationOptions", "ImageGenerationRequest", "ImageGenerationResponse",
        "ImageGenerationResponseFormat", "ImageGenerationToolCallContent", "ImageGenerationToolResultContent", "ImageGeneratorExtensions", "ImageGeneratorMetadata",
        "InputAudioBufferAppendRealtimeClientMessage", "InputAudioBufferCommitRealtimeClientMessage", "InputAudioTranscriptionRealtimeServerMessage", "InputRequestContent",
        "InputResponseContent", "McpServerToolCallContent", "McpServerToolResultContent", "NoneChatToolMode", "OutputTextAudioRealtimeServerMessage", "RealtimeAudioFormat",
        "RealtimeClientMessage", "RealtimeConversationItem", "RealtimeResponseStatus", "RealtimeServerMessage", "RealtimeServerMessageType", "RealtimeSessionKind",
        "RealtimeSessionOptions", "ReasoningEffort", "ReasoningOptions", "ReasoningOutput", "RequiredChatToolMode", "ResponseContinuationToken", "ResponseCreatedRealtimeServerMessage",
        "ResponseOutputItemRealtimeServerMessage", "RoutingChatClient", "RoutingContext", "SessionUpdateRealtimeClientMessage", "SpeechToTextClientExtensions",
        "SpeechToTextClientMetadata", "SpeechToTextOptions", "SpeechToTextResponse", "SpeechToTextResponseUpdate", "SpeechToTextResponseUpdateExtensions",
        "SpeechToTextResponseUpdateKind", "TextContent", "TextReasoningContent", "TextSpanAnnotatedRegion", "TextToSpeechClientExtensions", "TextToSpeechClientMetadata",
        "TextToSpeechOptions", "TextToSpeechResponse", "TextToSpeechResponseUpdate", "TextToSpeechResponseUpdateExtensions", "TextToSpeechResponseUpdateKind",
        "ToolApprovalRequestContent", "ToolApprovalResponseContent", "ToolCallContent", "ToolResultContent", "TranscriptionOptions", "UriContent", "UsageContent", "UsageDetails",
        "VoiceActivityDetectionOptions", "WebSearchToolCallContent", "WebSearchToolResultContent",
    ];

    private static readonly string[] Assemblies = ["MlNetBert.HuggingFace", "MlNetBert.Text", "MlNetBert.Models", "MlNetBert.Training", "MlNetBert"];

    // Called as what takes long, and done at once; or stopped by who calls it.
    private static readonly string[] NotLong =
    [
        // One text, one block, one batch.
        "IBlockSource.Read", "Objective.Evaluate", "SpecialTokenTemplate.Build",
        // A small file, or the head of a large one.
        "ICheckpointWeights.OpenRead", "ModelArchitecture.ReadConfig", "ModelDirectory.Open", "ModelDirectory.OpenWeights", "SafetensorsFile.Open", "SafetensorsFile.OpenRead",
        "SubwordTokenizer.FromDirectory", "TokenStore.Open",
        // Weights come from an ICheckpointWeights, which can throw between two of them.
        "IModelState.Load", "ModelArchitecture.Load", "Weights.Load", "Weights.ReadTensor",
        // Read while the caller asks for more.
        "LanguageModelDataCatalog.LoadFromTextLines", "EntityEvaluator.Evaluate", "ICorpusReader.Read", "TokenizerPipeline.ReadWords",
    ];

    private static IEnumerable<Type> PublicTypes => Assemblies.SelectMany(name => Assembly.Load(name).GetExportedTypes());

    public static TheoryData<Type> Options => [.. PublicTypes.Where(t => t.Name.EndsWith("Options", StringComparison.Ordinal))];

    [Fact]
    public void StableApi_OfAllLibraries_StaysWithinItsSize()
    {
        var lines = ApiLines().Where(line => !line.StartsWith('[')).ToList();
        var types = lines.Count(line => TypeLine().IsMatch(line));
        TestContext.Current.SendDiagnosticMessage($"{types} stable public types, {lines.Count} stable lines of {ApiLines().Count()}.");
        Assert.True(types <= MostTypes, $"{types} public types are promised; at most {MostTypes} may be. Make it internal, or Experimental where extenders need it.");
        Assert.True(lines.Count <= MostLines, $"{lines.Count} lines of API are promised; at most {MostLines} may be.");
    }

    [Fact]
    public void PublicTypes_BesideTheLibrariesThatUsersImport_HaveNamesOfTheirOwn()
    {
        var foreign = ForeignTypes();
        Assert.Contains("WordPieceTokenizer", foreign); // of Microsoft.ML.Tokenizers
        Assert.Contains("MLContext", foreign);
        Assert.Contains("Vector", foreign);
        var names = ApiLines().Select(line => TypeLine().Match(line)).Where(m => m.Success).Select(m => m.Groups["name"].Value);
        SourceFiles.AssertNone(names.Where(foreign.Contains));
    }

    [Fact]
    public void StableTypes_OfAllLibraries_AreInOneNamespace()
    {
        var types = ApiLines().Where(line => !line.StartsWith('[') && TypeLine().IsMatch(line)).ToList();
        Assert.NotEmpty(types);
        foreach (var type in types)
            Assert.True(Promised().IsMatch(type), $"{type} is promised, so it belongs in the namespace MlNetBert, whatever its folder.");
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Options_OfAnyLibrary_AreRecordsWithValuesOnly(Type type)
    {
        Assert.True(type.GetMethod("<Clone>$") is not null, $"{type.Name} is no record.");
        Assert.True(type.IsSealed || type.IsAbstract, $"{type.Name} is not sealed.");
        Assert.Empty(type.GetProperties().Where(p => p.SetMethod is { } set && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit))).Select(p => p.Name));
        for (var part = type; part != typeof(object); part = part.BaseType!)
        {
            var fields = part.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
            Assert.Empty(fields.Where(f => IsAside(f.FieldType)).Select(f => f.Name));
        }
    }

    /// <summary>What may take longer than a second can be canceled: by a token, or by one in its options.</summary>
    [Fact]
    public void Members_ThatRunLong_TakeACancellationToken()
    {
        var methods = PublicTypes.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => RunsLong().IsMatch(method.Name) && method.GetBaseDefinition() == method && !IsImplemented(method) && !IsEstimator(method.ReturnType))
            .ToLookup(method => $"{method.DeclaringType!.Name.Split('`')[0]}.{method.Name}", StringComparer.Ordinal);
        var names = methods.Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(new HashSet<string> { "EmbeddingIndex.BuildFromText", "HubClient.GetFile", "PretrainedModel.FromDirectory", "TextEmbedder.Embed", "TrainingLoop.Run" }, names);
        Assert.Empty(NotLong.Except(names, StringComparer.Ordinal));

        var faults = methods.Where(group => !NotLong.Contains(group.Key, StringComparer.Ordinal))
            .SelectMany(group => group.Where(method => !method.GetParameters().Any(parameter => CanStop(parameter.ParameterType))), (group, method) => $"{group.Key}: {method}");
        SourceFiles.AssertNone(faults);

        static bool CanStop(Type type) => type == typeof(CancellationToken) || typeof(TrainingOptions).IsAssignableFrom(type);

        static bool IsEstimator(Type type) => type.GetInterfaces().Any(part => part.IsGenericType && part.GetGenericTypeDefinition() == typeof(IEstimator<>));

        static bool IsImplemented(MethodInfo method) => method.DeclaringType is { IsInterface: false } type && type.GetInterfaces().Any(part => PublicTypes.Contains(part) && type.GetInterfaceMap(part).TargetMethods.Contains(method));
    }

    [Fact]
    public void Equals_OfOptionsWithOtherDataAndListeners_IsTrue()
    {
        using var source = new CancellationTokenSource();
        var data = new MLContext().Data.LoadFromEnumerable(new[] { new TextLine { Text = "a" } });
        var plain = new MlmOptions { MaxSteps = 3 };
        var other = plain with { EvaluationData = data, CancellationToken = source.Token };
        Assert.Equal(plain, other);
        Assert.Equal(plain.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(plain, other with { MaxSteps = 4 });
        Assert.Equal(plain.ToString(), other.ToString());
        Assert.Contains("MaxSteps = 3", plain.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", new HubOptions { Token = "hf_secret" }.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The names of the types that are promised.</summary>
    internal static HashSet<string> StableTypes { get; } = ApiLines().Where(line => !line.StartsWith('[')).Select(line => TypeLine().Match(line))
        .Where(match => match.Success).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

    // What says nothing of how something is done, and compares by reference.
    private static bool IsAside(Type type) =>
        type == typeof(CancellationToken) || typeof(IDataView).IsAssignableFrom(type) || typeof(Delegate).IsAssignableFrom(type)
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IProgress<>));

    private static IEnumerable<string> ApiLines() =>
        Directory.EnumerateFiles(SourceFiles.At(), "PublicAPI.*.txt", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines).Where(line => line.Length > 0 && !line.StartsWith('#'));

    private static HashSet<string> ForeignTypes()
    {
        var names = new HashSet<string>(ExtensionsAi, StringComparer.Ordinal);
        foreach (var path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(p => !Path.GetFileName(p).StartsWith("MlNetBert", StringComparison.Ordinal)))
        {
            using var image = new PEReader(File.OpenRead(path));
            if (!image.HasMetadata)
                continue;
            var metadata = image.GetMetadataReader();
            foreach (var type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition))
            {
                if ((type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public && ForeignNamespaces.Contains(metadata.GetString(type.Namespace)))
                    names.Add(metadata.GetString(type.Name).Split('`')[0]);
            }
        }

        return names;
    }

    [GeneratedRegex(
        "^(Build|Convert|Embed|Estimate|Evaluate|Fill|From(Directory|Hub)|Get(Directory|File|Rows|Snapshot)|Inspect|Load|Measure|Open|Preview|Read|Run|Train|Verify)($|[A-Z])",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex RunsLong();

    [GeneratedRegex(@"^MlNetBert\.(Plotting\.)?\w+(<\w+>)?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Promised();

    [GeneratedRegex(@"^(\[\w+\])?([A-Za-z_]\w*\.)+(?<name>\w+)(<[^()]*>)?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex TypeLine();
}
