import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const path = (name) => fileURLToPath(new URL(`../../_schemas/${name}`, import.meta.url));

export const read = (name) => JSON.parse(readFileSync(path(name), 'utf8'));

/** Tells what was looked at and what was found; the exit code says whether that is nothing. */
export function report(count, findings) {
  for (const finding of findings) console.error(finding);
  console.log(`${count} checked, ${findings.length} findings`);
  process.exitCode = count > 0 && findings.length === 0 ? 0 : 1;
}
