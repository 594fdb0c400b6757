import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extremes } from '../src/tides.js';

test('high and low waters are found in their order', () => {
  assert.deepEqual(extremes([1.2, 3.4, 2.1, 0.4, 0.9]).map(({ at, kind }) => [at, kind]), [[1, 'high'], [3, 'low']]);
});

test('a series that only rises has none', () => {
  assert.deepEqual(extremes([1, 2, 3]), []);
});
