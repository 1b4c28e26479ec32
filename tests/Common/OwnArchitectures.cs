using MlNetBert.Models;

namespace MlNetBert.Tests.Common;

/// <summary>The library's architectures, without those that tests register: of several names of one the first.</summary>
internal static class OwnArchitectures
{
    public static IEnumerable<ModelArchitecture> All =>
        ModelArchitecture.All.Where(architecture => architecture.GetType().Assembly == typeof(ModelArchitecture).Assembly)
        .DistinctBy(architecture => architecture.GetType());

    public static TheoryData<string> Names => [.. All.Select(architecture => architecture.ModelType)];

    /// <summary>The names of those of one stack, which predict its tokens: a masked or a causal language model.</summary>
    public static TheoryData<string> OfOneStack => [.. Names.Select(row => row.Data).Except(TextToText.Select(row => row.Data), StringComparer.Ordinal)];

    /// <summary>The names of those of an encoder and a decoder.</summary>
    public static TheoryData<string> TextToText => [.. ClassesWith(ModelHead.SequenceToSequence).Select(row => row.Data.Item1)];

    /// <summary>The names of those that have a masked language model.</summary>
    public static TheoryData<string> Encoders => [.. ClassesWith(ModelHead.MaskedLanguageModel).Select(row => row.Data.Item1).Distinct()];

    /// <summary>Each architecture's name with that of its class with a head.</summary>
    public static TheoryData<string, string> ClassesWith(ModelHead head) =>
        [.. from architecture in All from entry in architecture.Classes where entry.Head == head select (architecture.ModelType,
            entry.Name)];
}
