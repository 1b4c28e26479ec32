using System.Text.Json.Nodes;

namespace MlNetBert.Tests.Common;

/// <summary>Tokenizers whose special tokens stand elsewhere than BERT's.</summary>
internal static class OtherTemplates
{
    /// <summary>
    /// The same tokenizer with [CLS] [SEP] A, and [CLS] A [SEP] [SEP] B with types 0 0 0 1 1: two tokens before a text, two between a pair
    /// and none behind.
    /// </summary>
    public static SubwordTokenizer Apply(SubwordTokenizer tokenizer)
    {
        var files = tokenizer.ToFiles().ToDictionary();
        files["tokenizer.json"] = Apply(files["tokenizer.json"]);
        return RandomTokenizers.Open(files);
    }

    /// <summary>A tokenizer.json of BERT's with that template.</summary>
    public static byte[] Apply(byte[] tokenizer)
    {
        JsonNode json = JsonNode.Parse(tokenizer)!;
        JsonNode processor = json["post_processor"]!;
        string[] names = [.. processor["special_tokens"]!.AsObject().Select(token => token.Key)];
        processor["single"] = new JsonArray(Special(names[0], 0), Special(names[1], 0), Text("A", 0));
        processor["pair"] = new JsonArray(Special(names[0], 0), Text("A", 0), Special(names[1], 0), Special(names[1], 1), Text("B", 1));
        return System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static JsonObject Special(string name, int type) => new() { ["SpecialToken"] = new JsonObject { ["id"] = name, ["type_id"] = type } };

    private static JsonObject Text(string name, int type) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } };
}
