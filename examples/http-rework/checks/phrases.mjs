// Every language has every phrase.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';

const read = (file) => JSON.parse(readFileSync(`phrases/${file}`, 'utf8'));
const wanted = Object.keys(read('en.json')).sort();
const files = readdirSync('phrases');
assert.ok(files.includes('de.json'), 'phrases/de.json is missing');
for (const file of files) {
  const phrases = read(file);
  assert.deepEqual(Object.keys(phrases).sort(), wanted, `${file} has other phrases than en.json`);
  for (const [name, text] of Object.entries(phrases)) assert.ok(typeof text === 'string' && text.trim(), `${file}: ${name} is empty`);
}
