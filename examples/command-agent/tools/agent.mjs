// A small stand-in for a coding tool. QuantaPilot starts it in a checkout, with the task in the file that QP_TASK_FILE names.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const works = {
  'src/slug.mjs': `/** The title's letters and digits in lower case and without accents, words joined by hyphens. */
export function slug(title) {
  const words = title.normalize('NFD').replace(/\\p{M}/gu, '').toLowerCase().match(/[\\p{L}\\p{N}]+/gu);
  if (!words) throw new RangeError(\`'\${title}' has no letters and no digits\`);
  return words.join('-');
}
`,
  'test/slug.test.mjs': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slug } from '../src/slug.mjs';

test('words are joined by hyphens', () => assert.equal(slug('Hello, world'), 'hello-world'));
test('accents go', () => assert.equal(slug('Crème brûlée'), 'creme-brulee'));
test('nothing makes no slug', () => assert.throws(() => slug('?!'), RangeError));
`,
  'bin/slug.mjs': `#!/usr/bin/env node
import { slug } from '../src/slug.mjs';

try {
  console.log(slug(process.argv.slice(2).join(' ')));
} catch (e) {
  console.error(e.message);
  process.exitCode = 1;
}
`,
};

const task = readFileSync(process.env.QP_TASK_FILE, 'utf8');
const path = Object.keys(works).find((name) => task.includes(`Write ${name}`));
if (!path) {
  console.error(`this agent knows nothing about: ${task}`);
  process.exit(1);
}
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, works[path]);
console.log(`Wrote ${path}.`);
