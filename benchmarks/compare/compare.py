#!/usr/bin/env python3
"""Compares two commits: whether fixed-seed runs give the same bytes, and whether one is slower or needs more memory.

Each commit is built in Release in a temporary worktree. The runs of both alternate, because a machine's speed changes more between
minutes than between commits; a figure counts as worse where the medians differ by more than 2 % and nearly all pairs agree."""
import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = subprocess.run(["git", "rev-parse", "--show-toplevel"], cwd=HERE, check=True, capture_output=True, text=True).stdout.strip()
TOLERANCE = 0.02

# name: arguments of `bench` (the oldest option names, which later commits keep as aliases), and whether it is part of the default run
STEPS = {
    "step 4 x 256": ["--size", "mini", "--batch", "16", "--block", "64", "--steps", "9", "--vocabulary-size", "8000"],
    "step 6 x 384": ["--size", "minilm", "--batch", "8", "--block", "64", "--steps", "7", "--vocabulary-size", "8000"],
    "step base": ["--size", "base", "--batch", "2", "--block", "64", "--steps", "3", "--vocabulary-size", "8000"],
}

PIECES = ("[PAD] [UNK] [CLS] [SEP] [MASK] . the a cat dog fox owl sleeps runs hunts flies in on house yard forest field today night every "
          "day red big small ##s ##ly ##ing").split()


class Commit:
    """A commit in a worktree of its own."""

    def __init__(self, name, directory):
        self.name = name
        self.id = git("rev-parse", "--short", name + "^{commit}")
        self.path = os.path.join(directory, self.id)
        git("worktree", "add", "-q", "--detach", self.path, name)

    def build(self):
        project = os.path.join(self.path, "benchmarks", "compare-measure")
        os.makedirs(project)
        for file in ("Measure.csproj", "Measure.cs"):
            shutil.copy(os.path.join(HERE, file), project)
        subprocess.run(["dotnet", "build", os.path.join(project, "Measure.csproj"), "-c", "Release", "-v", "q", "-p:RunAnalyzers=false"], cwd=self.path, check=True)
        self.measure = os.path.join(project, "bin", "Release", "net10.0", "Measure.dll")
        self.tool = os.path.join(self.path, "src", "MlNetBert.Cli", "bin", "Release", "net10.0", "mlnet-bert.dll")

    def call(self, *arguments, program=None):
        done = subprocess.run(["dotnet", program or self.tool, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{self.id}: {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def remove(self):
        git("worktree", "remove", "--force", self.path)


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def config(architecture):
    values = {"model_type": architecture, "vocab_size": len(PIECES), "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
              "intermediate_size": 64, "max_position_embeddings": 32, "pad_token_id": 0}
    values |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "type_vocab_size": 2} if architecture == "bert" else \
        {"local_attention": 8, "global_attn_every_n_layers": 2, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}
    return json.dumps(values)


def results(commit, architecture, directory):
    """The outcome of a fixed-seed run without dropout. The losses of steps differ where masks do."""
    place = os.path.join(directory, f"{commit.id}-{architecture}")
    steps = commit.call("pretrain", "--data", os.path.join(directory, "tiny.txt"), "--vocabulary", os.path.join(directory, "tiny-vocab.txt"),
                        "--config", os.path.join(directory, architecture + ".json"), "--block", "16", "--batch", "8", "--max-steps", "40",
                        "--log-every", "1", "--learning-rate", "5e-3", "--eval-share", "0.1", "--seed", "3", "--precision", "fp32",
                        "--device", "cpu", "--threads", "1", "--output", place, "--json")
    with open(os.path.join(place, "model.safetensors"), "rb") as file:
        weights = hashlib.sha256(file.read()).hexdigest()
    filled = commit.call("fill-mask", "--model", place, "--top", "5", "--json", "The cat sleeps in the [MASK].", "A [MASK] hunts every night.")
    return {"weights": weights, "masks (losses of steps)": [s["loss"] for s in steps if s.get("event") == "step"],
            "held-out loss": steps[-1]["loss"], "fill-mask": [candidates(f) for f in filled]}


def candidates(filled):
    return [[(c["token_str"], c["score"]) for c in mask] for mask in filled["masks"]] if "masks" in filled else filled


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before")
    parser.add_argument("after", nargs="?", default="HEAD")
    parser.add_argument("--pairs", type=int, default=9, help="alternating pairs of measurements")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--only", choices=["results", "speed"])
    arguments = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="mlnetbert-compare-")
    commits = []
    try:
        for name in (arguments.before, arguments.after):
            commits.append(Commit(name, directory))
            commits[-1].build()
        before, after = commits
        write_texts(directory)
        if arguments.only != "speed":
            compare_results(before, after, directory)
        if arguments.only != "results":
            compare_speed(before, after, directory, arguments.pairs, str(arguments.threads))
    finally:
        for commit in commits:
            commit.remove()
        shutil.rmtree(directory, ignore_errors=True)


def write_texts(directory):
    nouns, verbs, places = PIECES[8:12], PIECES[12:16], PIECES[18:22]
    lines = [f"The {n} {v} in the {p} every {'day' if i % 2 else 'night'}." for i, (n, v, p) in
             enumerate((n, v, p) for n in nouns for v in verbs for p in places)]
    write(directory, "tiny.txt", "\n".join(lines * 3) + "\n")
    write(directory, "tiny-vocab.txt", "\n".join(PIECES) + "\n")
    for architecture in ("bert", "modernbert"):
        write(directory, architecture + ".json", config(architecture))
    docs = [os.path.join(ROOT, "CHANGELOG.md")] + sorted(os.path.join(ROOT, "docs", f) for f in os.listdir(os.path.join(ROOT, "docs")) if f.endswith(".md"))
    write(directory, "docs.txt", "".join(open(f, encoding="utf-8").read() for f in docs))


def write(directory, name, text):
    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
        file.write(text)


def compare_results(before, after, directory):
    print(f"Results of fixed-seed runs without dropout, {before.id} and {after.id}:")
    for architecture in ("bert", "modernbert"):
        first, second = (results(commit, architecture, directory) for commit in (before, after))
        for what in first:
            print(f"  {architecture:<11} {what:<24} {'the same' if first[what] == second[what] else 'DIFFERENT'}")


def compare_speed(before, after, directory, pairs, threads):
    model = os.path.join(directory, "model")
    before.call("pretrain", "--data", os.path.join(directory, "docs.txt"), "--architecture", "bert", "--size", "minilm", "--vocabulary-size", "4000",
                "--max-steps", "1", "--batch", "2", "--block", "32", "--device", "cpu", "--threads", threads, "--output", model, "--json")
    found = {commit.id: {} for commit in (before, after)}
    for pair in range(pairs):
        for commit in (before, after) if pair % 2 == 0 else (after, before):
            for name, value in measurements(commit, model, os.path.join(directory, "docs.txt"), threads):
                found[commit.id].setdefault(name, []).append(value)
    print(f"\nMedians of {pairs} alternating pairs, {threads} threads:")
    print(f"  {'':<32} {before.id:>12} {after.id:>12} {'change':>8}  pairs where {after.id} takes more")
    for name, first in found[before.id].items():
        second = found[after.id][name]
        change = statistics.median(second) / statistics.median(first) - 1
        more = sum(b > a for a, b in zip(first, second))
        worse = change > TOLERANCE and more >= pairs - 1
        print(f"  {name:<32} {statistics.median(first):>12.5g} {statistics.median(second):>12.5g} {change:>+8.1%}  {more} of {pairs}{'  WORSE' if worse else ''}")


def measurements(commit, model, text, threads):
    for name, options in STEPS.items():
        step = commit.call("bench", "--architecture", "bert", *options, "--precision", "fp32", "--device", "cpu", "--threads", threads, "--json")[0]
        yield name + ", s", step["step_s"]
        yield name + ", peak memory, MB", step["peak_memory_mb"]
    for name, value in commit.call(model, text, threads, program=commit.measure)[0].items():
        yield name.replace("_", " "), value


if __name__ == "__main__":
    main()
