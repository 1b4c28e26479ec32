// Whether @huggingface/transformers reads a tokenizer that was saved here, and gives the same ids.
//   npm install --ignore-scripts @huggingface/transformers
//   mlnet-bert tokenize DIR --json - < texts.txt > ids.jsonl
//   node compare-tokenizer.mjs DIR ids.jsonl
// Ends with 1 where a text has other ids. CI does not run it: it needs npm.
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { AutoTokenizer, env } from '@huggingface/transformers';

const [directory, file] = process.argv.slice(2);
if (!directory || !file) {
  console.error('usage: node compare-tokenizer.mjs DIR IDS.jsonl');
  process.exit(2);
}

env.allowRemoteModels = false;
env.localModelPath = dirname(resolve(directory));
const tokenizer = await AutoTokenizer.from_pretrained(basename(resolve(directory)));
let texts = 0;
let different = 0;
for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
  const { text, ids } = JSON.parse(line);
  const theirs = tokenizer.encode(text);
  texts++;
  if (theirs.length === ids.length && theirs.every((id, i) => id === ids[i])) continue;
  different++;
  if (different <= 5) console.error(`${JSON.stringify(text)}\n  here   ${ids}\n  theirs ${theirs}`);
}

console.log(`${directory}: ${texts} texts, ${different} with other ids`);
process.exit(different > 0 || texts === 0 ? 1 : 0);
