// Compiles every schema with ajv, as its users do (strict), and validates every example with it.
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { read, report } from './files.mjs';

const findings = [];
const tell = (...words) => findings.push(words.join(' '));
const ajv = new Ajv2020({ allErrors: true, logger: { log: tell, warn: tell, error: tell } });
addFormats.default(ajv);
let count = 0;

function check(what, reference, value, by = ajv) {
  count++;
  try {
    const validate = by.getSchema(reference) ?? by.compile({ $ref: reference });
    if (value !== undefined && !validate(value)) tell(what, by.errorsText(validate.errors));
  } catch (e) {
    tell(what, reference, e.message);
  }
}

const files = ['error.schema.json', 'api.schema.json', 'quantapilot.schema.json'];
const schemas = files.map(read);
for (const schema of schemas) ajv.addSchema(schema);
for (const schema of schemas) {
  const parts = [[schema.$id, schema], ...Object.entries(schema.$defs).map(([name, part]) => [`${schema.$id}#/$defs/${name}`, part])];
  for (const [reference, part] of parts) {
    check(reference, reference);
    for (const example of part.examples ?? []) check(`an example of ${reference}`, reference, example);
  }
}

const { events, requests } = read('api.examples.json');
const root = schemas[1].$id;
for (const [name, event] of Object.entries(events)) {
  check(`the event ${name}`, root, event);
  check(`the event ${name}`, `${root}#/$defs/${name}_event`, event);
  check(`the data of ${name}`, event.dataschema, event.data);
}

const openapi = read('openapi.json');
// Around the schemas it has words of its own, which are no keywords of JSON Schema.
const lenient = new Ajv2020({ allErrors: true, strict: false });
addFormats.default(lenient);
lenient.addSchema(openapi, 'openapi.json', false, false);
const escape = (text) => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
for (const [pattern, item] of Object.entries(openapi.paths)) {
  for (const [method, operation] of Object.entries(item)) {
    for (const { summary, request, response } of requests[operation.operationId] ?? []) {
      const at = `openapi.json#/paths/${escape(pattern)}/${method}`;
      const json = 'application/json';
      const what = `${operation.operationId}, ${summary}`;
      const accepted = response.status < 400;
      if (request.body && accepted) check(`${what}, request`, `${at}/requestBody/content/${escape(json)}/schema`, request.body, lenient);
      if (!response.body) continue;
      const type = response.headers?.['Content-Type'] ?? json;
      check(`${what}, answer`, `${at}/responses/${response.status}/content/${escape(type)}/schema`, response.body, lenient);
    }
  }
}

report(count, findings);
