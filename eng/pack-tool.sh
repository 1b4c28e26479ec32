#!/usr/bin/env bash
# Packs mlnet-bert with its own .NET and without libtorch: for a machine that has neither the SDK nor our packages but a PyTorch with CUDA. On that machine:
#   tar -xf mlnet-bert-linux-x64.tar.xz
#   LIBTORCH=$(python3 -c 'import torch, os; print(os.path.dirname(torch.__file__))') mlnet-bert/mlnet-bert doctor
# Usage: eng/pack-tool.sh [TARGET]; the archive must stay under 60 MB.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=$(realpath -m "${1:-$root/mlnet-bert-linux-x64.tar.xz}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A copy of the tree is built, so that the lock files and outputs of the checkout stay as they are.
git -C "$root" archive HEAD | tar -x -C "$work"
dotnet publish "$work/src/MlNetBert.Cli" -c Release -r linux-x64 --self-contained -o "$work/mlnet-bert" \
    -p:TorchBackend=cuda -p:RestoreLockedMode=false -p:InvariantGlobalization=true
find "$work/mlnet-bert" \( -name '*.xml' -o -name '*.pdb' -o -name 'createdump' \) -delete
if compgen -G "$work/mlnet-bert/libtorch*" >/dev/null; then
    echo "pack-tool: expected a publish without libtorch, found $(cd "$work/mlnet-bert" && ls libtorch*)" >&2
    exit 1
fi
[ -e "$work/mlnet-bert/libLibTorchSharp.so" ] || { echo "pack-tool: libLibTorchSharp.so is missing from the publish" >&2; exit 1; }

mkdir -p "$(dirname "$target")"
tar -C "$work" --owner=0 --group=0 --sort=name -c mlnet-bert | xz -T0 -6 >"$target.partial"
bytes=$(stat -c %s "$target.partial")
if ((bytes > 60 * 1000 * 1000)); then
    rm -f "$target.partial"
    echo "pack-tool: the archive has $((bytes / 1000000)) MB, expected at most 60" >&2
    exit 1
fi
mv "$target.partial" "$target"
echo "pack-tool: $target, $((bytes / 1000000)) MB"
