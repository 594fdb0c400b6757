// Parses asyncapi.json with the parser of the AsyncAPI initiative, which resolves its references to the other files as well.
import parsers from '@asyncapi/parser';
import { path, report } from './files.mjs';

const { Parser, fromFile } = parsers;
const { document, diagnostics } = await fromFile(new Parser(), path('asyncapi.json')).parse();
// 0 is an error, 1 a warning; hints and the like are matters of taste.
const findings = diagnostics.filter((d) => d.severity <= 1).map((d) => `${d.code} at ${d.path.join('.')}: ${d.message}`);
report(document?.allMessages().length ?? 0, findings);
