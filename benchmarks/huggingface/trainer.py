"""Hugging Face's Trainer on what `mlnet-bert bench` times: pretraining steps of a masked language model from nothing on random tokens, 15 % of them masked.

    python trainer.py --architecture bert --size base --batch 16 --precision bf16 --device cuda --steps 30

Prints one line of JSON with the mean time of a step, after as many steps that are not timed. Needs torch, transformers and accelerate.
"""

import argparse
import json
import time

import torch
from transformers import BertConfig, BertForMaskedLM, ModernBertConfig, ModernBertForMaskedLM, Trainer, TrainerCallback, TrainingArguments

SIZES = {"tiny": (2, 128, 2), "mini": (4, 256, 4), "small": (4, 512, 8), "medium": (8, 512, 8), "minilm": (6, 384, 12), "base": (12, 768, 12), "large": (24, 1024, 16)}
FIRST_WORD, MASK = 5, 4


def make_model(arguments):
    layers, hidden, heads = SIZES[arguments.size]
    shape = dict(vocab_size=arguments.vocabulary_size, num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=heads, max_position_embeddings=arguments.block)
    if arguments.architecture == "bert":
        return BertForMaskedLM(BertConfig(intermediate_size=4 * hidden, **shape))
    # As ours: every layer attends to everything, because blocks fit into one window.
    tokens = dict(pad_token_id=0, cls_token_id=2, sep_token_id=3, bos_token_id=2, eos_token_id=3)
    return ModernBertForMaskedLM(ModernBertConfig(intermediate_size=8 * hidden // 3, global_attn_every_n_layers=1, **shape, **tokens))


class RandomBlocks(torch.utils.data.Dataset):
    def __init__(self, count, length, vocabulary):
        self.ids = torch.randint(FIRST_WORD, vocabulary, (count, length), generator=torch.Generator().manual_seed(1))

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, index):
        return self.ids[index]


def mask(vocabulary):
    """80 % [MASK], 10 % another token, 10 % as it was; the whole batch at once, which costs Python the least."""

    def collate(rows):
        ids = torch.stack(rows)
        chosen = torch.rand(ids.shape) < 0.15
        labels = torch.where(chosen, ids, -100)
        draw = torch.rand(ids.shape)
        ids = torch.where(chosen & (draw < 0.8), MASK, ids)
        ids = torch.where(chosen & (draw >= 0.9), torch.randint(FIRST_WORD, vocabulary, ids.shape), ids)
        return {"input_ids": ids, "labels": labels}

    return collate


class Clock(TrainerCallback):
    def __init__(self, warm_up, synchronize):
        self.warm_up, self.synchronize, self.began, self.ended = warm_up, synchronize, None, None

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == self.warm_up or state.global_step == state.max_steps:
            self.synchronize()
            self.began, self.ended = (time.perf_counter(), None) if state.global_step == self.warm_up else (self.began, time.perf_counter())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--architecture", choices=["bert", "modernbert"], default="bert")
    parser.add_argument("--size", choices=SIZES, default="base")
    parser.add_argument("--vocabulary-size", type=int, default=30_522)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--block", type=int, default=128)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="bf16")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--warm-up", type=int)
    arguments = parser.parse_args()
    warm_up = arguments.warm_up or arguments.steps
    gpu = arguments.device == "cuda"
    # As our loop does on a GPU.
    torch.backends.cuda.matmul.allow_tf32 = True
    clock = Clock(warm_up, torch.cuda.synchronize if gpu else lambda: None)
    steps = warm_up + arguments.steps
    trainer = Trainer(
        model=make_model(arguments),
        args=TrainingArguments(
            output_dir="trainer-output",
            per_device_train_batch_size=arguments.batch,
            max_steps=steps,
            learning_rate=1e-4,
            bf16=arguments.precision == "bf16",
            use_cpu=not gpu,
            logging_strategy="no",
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            remove_unused_columns=False,
            dataloader_pin_memory=gpu,
        ),
        train_dataset=RandomBlocks(min(steps * arguments.batch, 16_384), arguments.block, arguments.vocabulary_size),
        data_collator=mask(arguments.vocabulary_size),
        callbacks=[clock],
    )
    trainer.train()
    step = (clock.ended - clock.began) / arguments.steps
    print(json.dumps({
        **vars(arguments),
        "threads": torch.get_num_threads(),
        "step_s": round(step, 5),
        "tokens_per_second": round(arguments.batch * arguments.block / step),
        "device_memory_mb": round(torch.cuda.max_memory_reserved() / 1e6) if gpu else None,
        "device_name": torch.cuda.get_device_name() if gpu else None,
    }))


if __name__ == "__main__":
    main()
