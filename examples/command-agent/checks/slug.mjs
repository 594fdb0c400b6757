// Acceptance of M-001, not written by the agent.
import assert from 'node:assert/strict';
import { slug } from '../src/slug.mjs';

const expected = {
  'Crème brûlée, twice': 'creme-brulee-twice',
  '  --Leading & trailing--  ': 'leading-trailing',
  'Ten 10s': 'ten-10s',
  'Ünïcödé': 'unicode',
};
for (const [title, wanted] of Object.entries(expected)) assert.equal(slug(title), wanted);
for (const title of ['', '…', '- -']) assert.throws(() => slug(title), `'${title}' is taken for a title`);
