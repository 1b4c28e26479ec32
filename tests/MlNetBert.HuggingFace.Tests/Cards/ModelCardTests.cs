using MlNetBert.HuggingFace.Cards;
using MlNetBert.Tests.Common;

namespace MlNetBert.HuggingFace.Tests.Cards;

public sealed class ModelCardTests
{
    [Fact]
    public void Render_Everything_IsTheHubsFormat()
    {
        var card = new ModelCard
        {
            ModelName = "corefx: issues",
            Summary = "A small model.",
            BaseModel = "google-bert/bert-base-uncased",
            Languages = ["en", "no"],
            License = "mit",
            Tags = ["mlnet-bert"],
            Datasets = ["owner/issues"],
            EvaluationData = "held-out issues",
            Metrics = [new("perplexity", "Perplexity", 12.34567), new("loss", "Loss", 1e-7), new("accuracy", "Accuracy", double.NaN)],
            TrainingData = [new("Documents", "1,000")],
            TrainingOptions = [new("Precision | mode", "bf16\nauto")],
            TrainingFigures = [new("Steps", "10")],
            Versions = [new("MlNetBert", "0.1.0")],
            Usage = "```python\nfill = pipeline('fill-mask')\n```",
        };
        const string Expected = """
            ---
            language:
            - en
            - "no"
            license: mit
            library_name: transformers
            pipeline_tag: fill-mask
            base_model: google-bert/bert-base-uncased
            datasets:
            - owner/issues
            tags:
            - mlnet-bert
            metrics:
            - perplexity
            - loss
            model-index:
            - name: "corefx: issues"
              results:
              - task:
                  type: fill-mask
                dataset:
                  name: "held-out issues"
                  type: owner/issues
                metrics:
                - type: perplexity
                  name: Perplexity
                  value: 12.3457
                - type: loss
                  name: Loss
                  value: 1.0E-07
            ---

            # corefx: issues

            A small model.

            Training started from `google-bert/bert-base-uncased`.

            ## How to use

            ```python
            fill = pipeline('fill-mask')
            ```

            ## Evaluation

            | Metric | Value |
            |---|---|
            | Perplexity | 12.3457 |
            | Loss | 1.0E-07 |
            | Accuracy | NaN |

            Measured on held-out issues.

            ## Training data

            |  | Value |
            |---|---|
            | Documents | 1,000 |

            ## Training options

            | Option | Value |
            |---|---|
            | Precision \| mode | bf16 auto |

            ## Training run

            | Figure | Value |
            |---|---|
            | Steps | 10 |

            ## Versions

            | Library | Value |
            |---|---|
            | MlNetBert | 0.1.0 |

            """;
        Assert.Equal(Expected.ReplaceLineEndings("\n"), card.Render());
    }

    [Fact]
    public void Save_NameAlone_WritesAShortPage()
    {
        using var directory = new TemporaryDirectory();
        new ModelCard { ModelName = "m", License = "a \"b\"\\\t" }.Save(directory.Path);
        Assert.Equal("---\nlicense: \"a \\\"b\\\"\\\\\\u0009\"\nlibrary_name: transformers\npipeline_tag: fill-mask\n---\n\n# m\n", File.ReadAllText(directory.File("README.md")));
    }
}
