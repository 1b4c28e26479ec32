"""Hugging Face's Trainer on what examples/TextClassification and examples/NamedEntities fine-tune: the same checkpoint, rows, lengths, batches and learning rate.

    python finetune.py --task classification --shared ../shared --precision bf16 --device cpu --epochs 4

Prints one line of JSON with the time of training alone (classification: the accuracy on the rows held out too). Needs torch, transformers and accelerate.
"""

import argparse
import csv
import json
import pathlib
import time

import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
)

LONGEST = 128


def issues(shared, tokenizer):
    with open(shared / "data" / "corefx-issues.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    held_out = set(json.loads((shared / "golden" / "downstream.json").read_text())["corefx_issues"]["test_rows"])
    areas = sorted({row["Area"] for row in rows})

    def encode(row):
        tokens = tokenizer(row["Title"] + " " + row["Description"], truncation=True, max_length=LONGEST)
        return {**tokens, "labels": areas.index(row["Area"])}

    training = [encode(row) for i, row in enumerate(rows) if i not in held_out]
    return training, [encode(row) for i, row in enumerate(rows) if i in held_out], areas


def entities(shared, tokenizer):
    text = (shared / "data" / "wnut17-train.conll").read_text(encoding="utf-8")
    sentences = [[line.split("\t")[:2] for line in block.splitlines() if "\t" in line] for block in text.split("\n\n")]
    sentences = [sentence for sentence in sentences if sentence]
    tags = sorted({tag for sentence in sentences for _, tag in sentence})

    def encode(sentence):
        tokens = tokenizer([word for word, _ in sentence], is_split_into_words=True, truncation=True, max_length=LONGEST)
        labels, last = [], None
        for word in tokens.word_ids():
            labels.append(-100 if word is None or word == last else tags.index(sentence[word][1]))
            last = word
        return {**tokens, "labels": labels}

    return [encode(sentence) for sentence in sentences], None, tags


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=["classification", "entities"], default="classification")
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path("../shared"))
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="bf16")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--epochs", type=int, default=4)
    arguments = parser.parse_args()
    checkpoint = arguments.shared / "models" / "all-MiniLM-L6-v2"
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    classify = arguments.task == "classification"
    training, test, labels = (issues if classify else entities)(arguments.shared, tokenizer)
    family = AutoModelForSequenceClassification if classify else AutoModelForTokenClassification
    trainer = Trainer(
        model=family.from_pretrained(checkpoint, num_labels=len(labels), dtype=torch.float32),
        args=TrainingArguments(
            output_dir="finetune-output",
            per_device_train_batch_size=16,
            per_device_eval_batch_size=32,
            num_train_epochs=arguments.epochs,
            learning_rate=1e-4,
            weight_decay=0.01,
            bf16=arguments.precision == "bf16",
            use_cpu=arguments.device == "cpu",
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
        ),
        train_dataset=training,
        data_collator=(DataCollatorWithPadding if classify else DataCollatorForTokenClassification)(tokenizer),
    )
    began = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - began
    accuracy = None
    if classify:
        predicted = trainer.predict(test).predictions.argmax(-1)
        accuracy = float((predicted == [row["labels"] for row in test]).mean())
    print(json.dumps({
        "task": arguments.task,
        "precision": arguments.precision,
        "device": arguments.device,
        "epochs": arguments.epochs,
        "rows": len(training),
        "threads": torch.get_num_threads(),
        "train_s": round(seconds, 1),
        "accuracy": accuracy,
    }))


if __name__ == "__main__":
    main()
