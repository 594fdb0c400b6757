// Reads a file of Prometheus' text format and writes its families and its samples as JSON. usage: node prometheus.mjs FILE
import { readFileSync } from 'node:fs';
import parse from 'parse-prometheus-text-format';

const text = readFileSync(process.argv[2], 'utf8');
// The parser makes one of all series of a histogram: without their type it leaves them as they are.
const samples = parse(text.replace(/^# TYPE \S+ histogram$/gm, '#'));
console.log(JSON.stringify({ families: parse(text), samples }));
