using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.Inspection;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Embeddings;

/// <summary>What sentence_bert_config.json and its older names say of the module Transformer.</summary>
public sealed class TransformerModuleTests : IDisposable
{
    private const string Transformer = """{"type":"sentence_transformers.base.modules.transformer.Transformer","path":""}""";
    private const string Pooled = $$"""[{{Transformer}},{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"}]""";
    private const string Text = """{"method":"forward","method_output_name":"last_hidden_state"}""";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("""{"transformer_task":"fill-mask"}""", "'transformer_task': expected feature-extraction, found \"fill-mask\"")]
    [InlineData("""{"modality_config":{"text":{"method":"forward","method_output_name":"pooler_output"}},"module_output_name":"sentence_embedding"}""", "found \"pooler_output\"")]
    [InlineData("""{"modality_config":{"text":{"method":"get_text_features","method_output_name":"last_hidden_state"}},"module_output_name":"token_embeddings"}""", "'modality_config.text.method'")]
    [InlineData("""{"modality_config":{"text":{"method":"forward","method_output_name":["hidden_states","-2"]}},"module_output_name":"token_embeddings"}""", "hidden_states")]
    [InlineData("""{"modality_config":{"image":{"method":"forward","method_output_name":"last_hidden_state"}},"module_output_name":"token_embeddings"}""", "found none")]
    [InlineData($$$"""{"modality_config":{"text":{{{Text}}},"message":{{{Text}}}},"module_output_name":"token_embeddings"}""", "'modality_config.message'")]
    [InlineData($$$"""{"modality_config":{"text":{{{Text}}}},"module_output_name":"sentence_embedding"}""", "'module_output_name': expected token_embeddings")]
    [InlineData($$$"""{"modality_config":{"text":{{{Text}}}}}""", "'module_output_name'")]
    [InlineData("""{"processing_kwargs":{"text":{"truncation":false}}}""", "'processing_kwargs.text.truncation'")]
    [InlineData("""{"processing_kwargs":{"common":{"add_special_tokens":false}}}""", "'processing_kwargs.common.add_special_tokens'")]
    [InlineData("""{"tokenizer_args":{"do_lower_case":false}}""", "'tokenizer_args.do_lower_case': expected what tokenizer_config.json says, found false")]
    [InlineData("""{"processor_kwargs":{"truncation_side":"left"}}""", "'processor_kwargs.truncation_side': expected \"right\", found \"left\"")]
    [InlineData("""{"tokenizer_args":{"add_prefix_space":true}}""", "'tokenizer_args.add_prefix_space'")]
    [InlineData("""{"model_args":{"add_pooling_layer":false,"reference_compile":false}}""", "'model_args.reference_compile': expected no such key, found false")]
    [InlineData("""{"config_args":{"max_position_embeddings":12}}""", "'config_args.max_position_embeddings': expected what config.json says, found 12")]
    [InlineData("""{"config_args":{"output_hidden_states":true}}""", "'config_args.output_hidden_states'")]
    [InlineData("""{"tokenizer_name_or_path":"elsewhere"}""", "'tokenizer_name_or_path'")]
    public void Embed_WhatIsNotSupported_IsRefusedByNameByWhatEmbedsOnly(string config, string said)
    {
        var path = Model(Pooled, config);

        using var model = PretrainedModel.FromDirectory(path);

        var refused = Assert.Throws<ModelFormatException>(() => new TextEmbedder(model, new EmbeddingOptions { Pooling = Pooling.Mean }));
        Assert.Contains(ModelFiles.SentenceConfig, refused.Message, StringComparison.Ordinal);
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        using var source = ModelSource.Resolve(path);
        Assert.Contains(said, ModelInspection.Of(source).SentenceFault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"[{Transformer}]")]
    [InlineData($$"""[{{Transformer}},{"type":"sentence_transformers.models.Dropout","path":"1_Dropout"}]""")]
    public void Embed_ModulesWithoutPooling_AreRefused(string modules)
    {
        using var model = PretrainedModel.FromDirectory(Model(modules, "{}"));

        Assert.Contains("found no Pooling", Assert.Throws<ModelFormatException>(() => new TextEmbedder(model)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"max_seq_length":12}""", 12)]
    [InlineData("""{"max_seq_length":null}""", null)]
    [InlineData("""{"max_seq_length":12,"processing_kwargs":{"text":{"max_length":7,"padding":"max_length"}}}""", 7)]
    [InlineData("""{"processing_kwargs":{"text":{"max_length":7},"common":{"max_length":9}}}""", 9)]
    [InlineData($$$"""{"transformer_task":"feature-extraction","modality_config":{"text":{{{Text}}}},"module_output_name":"token_embeddings","unpad_inputs":false}""", null)]
    [InlineData("""{"modality_config":{"text":{"method":"forward","method_output_name":["last_hidden_state"]}},"module_output_name":"token_embeddings"}""", null)]
    [InlineData("""{"tokenizer_args":{"model_max_length":9}}""", 9)]
    [InlineData("""{"max_seq_length":12,"tokenizer_kwargs":{"model_max_length":9}}""", 9)]
    [InlineData("""{"max_seq_length":12,"tokenizer_args":{"model_max_length":9},"processor_kwargs":{"model_max_length":8}}""", 8)]
    [InlineData("""{"processor_kwargs":{"use_fast":true,"padding_side":"left","truncation_side":"right","do_lower_case":true}}""", null)]
    [InlineData("""{"model_args":{"attn_implementation":"sdpa","torch_dtype":"bfloat16","trust_remote_code":true},"tokenizer_args":null}""", null)]
    [InlineData("""{"config_args":{"trust_remote_code":false,"max_position_embeddings":24,"hidden_act":"gelu"}}""", null)]
    public void Read_Length_IsThatOfTheTokenizersCallFirst(string config, int? expected)
    {
        var settings = SentenceSettings.Read(Model(Pooled, config));

        Assert.Null(settings.StageFault);
        Assert.Equal(expected, settings.MaxLength?.Tokens);
    }

    [Theory]
    [InlineData("""{"max_seq_length":"12"}""")]
    [InlineData("""{"modality_config":3}""")]
    [InlineData("""{"model_args":[]}""")]
    [InlineData("""{"tokenizer_args":{"model_max_length":"9"}}""")]
    [InlineData("[]")]
    public void Read_Malformed_IsRefusedWithItsFile(string config) => Assert.Contains(
        ModelFiles.SentenceConfig, Assert.Throws<ModelFormatException>(() => SentenceSettings.Read(Model(Pooled, config))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("sentence_roberta_config.json")]
    [InlineData("sentence_distilbert_config.json")]
    [InlineData("sentence_camembert_config.json")]
    [InlineData("sentence_albert_config.json")]
    [InlineData("sentence_xlm-roberta_config.json")]
    [InlineData("sentence_xlnet_config.json")]
    public void Save_OlderNameOfTheFile_IsReadAndKept(string name)
    {
        var path = Model(Pooled, """{"max_seq_length":5}""", name);
        using var model = PretrainedModel.FromDirectory(path);

        model.Save(_directory.File("saved"));

        Assert.Equal(5, SentenceSettings.Read(_directory.File("saved")).MaxLength?.Tokens);
        Assert.Equal(new TextEmbedder(model).Embed("the cat sits"), new TextEmbedder(model).Embed("the cat sits on a mat."));
        File.WriteAllText(Path.Combine(path, ModelFiles.SentenceConfig), """{"max_seq_length":6}""");
        Assert.Equal(6, SentenceSettings.Read(path).MaxLength?.Tokens);
    }

    private string Model(string modules, string config, string name = ModelFiles.SentenceConfig)
    {
        var path = Checkpoint.Of(_directory, "model");
        File.WriteAllText(Path.Combine(path, ModelFiles.SentenceModules), modules);
        File.WriteAllText(Path.Combine(path, name), config);
        Directory.CreateDirectory(Path.Combine(path, "1_Pooling"));
        File.WriteAllText(Path.Combine(path, ModelFiles.PoolingConfig), """{"pooling_mode":"mean"}""");
        return path;
    }
}
