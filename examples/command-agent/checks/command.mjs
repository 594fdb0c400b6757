// Acceptance of M-002, not written by the agent.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

const run = (...words) => spawnSync(process.execPath, ['bin/slug.mjs', ...words], { encoding: 'utf8' });
const good = run('Hello,', 'world');
assert.deepEqual([good.status, good.stdout], [0, 'hello-world\n']);
const bad = run('?!');
assert.deepEqual([bad.status, bad.stdout], [1, '']);
assert.match(bad.stderr, /no letters/);
