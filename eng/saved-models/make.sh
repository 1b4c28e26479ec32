#!/usr/bin/env bash
# make.sh COMMIT OUTPUT: what that commit saves (zips, model directories, a run that was stopped), and beside it what it computes with them.
# The program is written against the API of commit b858043; commits with other names need their own lines in Program.cs.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: make.sh COMMIT OUTPUT" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
root=$(git -C "$here" rev-parse --show-toplevel)
commit=$(git -C "$root" rev-parse --verify "$1^{commit}")
output=$(realpath -m "$2")
[ ! -e "$output" ] || { echo "$output exists already" >&2; exit 1; }
checkout=$(mktemp -d)/checkout
trap 'git -C "$root" worktree remove --force "$checkout"' EXIT
git -C "$root" worktree add -q --detach "$checkout" "$commit"
mkdir -p "$checkout/eng/saved-models"
cp "$here"/SavedModels.csproj "$here"/Program.cs "$root"/tests/Common/ViewColumns.cs "$root"/tests/Common/SavedRows.cs "$checkout/eng/saved-models/"
cd "$checkout"
dotnet build eng/saved-models/SavedModels.csproj -c Release -v q -p:RunAnalyzers=false
dotnet eng/saved-models/bin/Release/net10.0/SavedModels.dll src/MlNetBert.Cli/bin/Release/net10.0/mlnet-bert.dll "$output"
