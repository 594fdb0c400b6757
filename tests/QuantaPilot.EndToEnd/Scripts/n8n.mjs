// Checks a workflow file against what n8n takes, and carries it out as n8n documents the few node types that it uses: n8n itself is
// too large to install for a test (N8nTests run it where it is). URLs, bodies and expressions are so held against a real server, which
// calls its webhook.
//
//   QP=<url> TOKEN=<token> node n8n.mjs <workflow.json> <what the start form gets> <the answers of the Wait form, the last one for ever>
//
// An answer of null is none within the time limit. The last line is the output of the node Outcome.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';

// Node types with their versions and those of their parameters that the workflow sets, from n8n-nodes-base 2.41.
const httpRequest = [
  'method', 'url', 'authentication', 'genericAuthType', 'sendHeaders', 'headerParameters', 'sendBody', 'specifyBody', 'jsonBody', 'options',
];
const known = {
  'n8n-nodes-base.stickyNote': { versions: [1], parameters: ['content', 'width', 'height'] },
  'n8n-nodes-base.formTrigger': {
    versions: [1, 2, 2.1, 2.2, 2.3], parameters: ['authentication', 'formTitle', 'formDescription', 'formFields', 'options'],
  },
  'n8n-nodes-base.webhook': {
    versions: [1, 1.1, 2, 2.1], parameters: ['httpMethod', 'path', 'authentication', 'responseMode', 'options'],
  },
  'n8n-nodes-base.set': { versions: [3, 3.1, 3.2, 3.3, 3.4], parameters: ['assignments', 'options'] },
  'n8n-nodes-base.httpRequest': { versions: [3, 4, 4.1, 4.2, 4.3], parameters: httpRequest },
  'n8n-nodes-base.switch': { versions: [3, 3.1, 3.2, 3.3], parameters: ['mode', 'rules', 'options'] },
  'n8n-nodes-base.if': { versions: [2, 2.1, 2.2], parameters: ['conditions', 'options'] },
  'n8n-nodes-base.noOp': { versions: [1], parameters: [] },
  'n8n-nodes-base.wait': {
    versions: [1, 1.1],
    parameters: [
      'resume', 'incomingAuthentication', 'formTitle', 'formDescription', 'formFields', 'limitWaitTime', 'limitType',
      'resumeAmount', 'resumeUnit', 'options',
    ],
  },
};

const [file, form, answers] = process.argv.slice(2);
const workflow = JSON.parse(readFileSync(file, 'utf8'));
const waitAnswers = JSON.parse(answers);
const qp = process.env.QP.replace(/\/$/, '');
const nodes = check(workflow);
let executions = 0;
let secret;
const webhooks = createServer((request, response) => receive(request, response)).listen(0, '127.0.0.1', begin);

/** Activates the workflow, subscribes its webhook as its note says, and fills in the form. */
async function begin() {
  const { parameters: p, name, credentials } = trigger('webhook');
  expect(p.httpMethod === 'POST' && p.responseMode === 'onReceived', `a webhook ${name} that answers at once`);
  expect(p.authentication === 'headerAuth' && credentials.httpHeaderAuth, `a credential of ${name}: not just anybody calls it`);
  const repository = JSON.parse(form).Repository;
  const response = await fetch(`${qp}/subscriptions`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${process.env.TOKEN}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      url: `http://127.0.0.1:${webhooks.address().port}/webhook/${p.path}`,
      filter: { events: ['gate_requested', 'run_completed', 'run_failed'], projects: [repository.replace(/\.git$/, '')] },
      secret_header: true,
    }),
  });
  expect(response.status === 201, `a subscription, not ${await response.clone().text()}`);
  const subscription = await response.json();
  secret = subscription.secret_header;
  await start(trigger('formTrigger'), JSON.parse(form));
}

/** An event, as n8n's webhook node takes it: a wrong or missing secret is 403, and the body is no JSON by its media type. */
async function receive(request, response) {
  for await (const _ of request);
  const given = request.headers[secret.name.toLowerCase()];
  const known = request.url === `/webhook/${trigger('webhook').parameters.path}` && given === secret.value;
  response.writeHead(known ? 200 : 403).end('{"message":"Workflow was started"}');
  expect(known, 'an event with the secret');
  await start(trigger('webhook'), { headers: request.headers, params: {}, query: {}, body: {} });
}

function trigger(type) {
  return workflow.nodes.find((candidate) => candidate.type === `n8n-nodes-base.${type}`);
}

/** An execution of the workflow, from one of its triggers. */
async function start(first, given) {
  const id = `${Date.now()}${process.pid}${++executions}`;
  const execution = { json: given, outputs: {}, $execution: { id, resumeFormUrl: `http://127.0.0.1:5678/form-waiting/${id}` } };
  let node = first;
  for (let steps = 0; node; steps++) {
    if (steps === 1_000) throw new Error('The workflow goes round and round.');
    const [branch, output] = await run(execution, node);
    execution.json = execution.outputs[node.name] = output;
    if (node.name === 'Outcome') {
      console.log(JSON.stringify(output));
      process.exit(0);
    }
    node = nodes[workflow.connections[node.name]?.main[branch]?.[0]?.node];
  }
}

/** Everything that an import would stumble over, or show as not configured. */
function check({ name, nodes: list, connections, settings }) {
  const byName = {};
  expect(name && settings?.executionOrder === 'v1', 'a name and the execution order v1');
  for (const item of list) {
    const type = known[item.type];
    expect(type, `a known type, not ${item.type}`);
    expect(type.versions.includes(item.typeVersion), `a version of ${item.type}, not ${item.typeVersion}`);
    expect(item.position?.length === 2 && /^[0-9a-f-]{36}$/.test(item.id), `a position and an id for ${item.name}`);
    const unknown = Object.keys(item.parameters).filter((parameter) => !type.parameters.includes(parameter));
    expect(unknown.length === 0, `parameters of ${item.type}, not ${unknown}`);
    expect(!byName[item.name], `one node named ${item.name}`);
    expect(item.webhookId || !/Trigger|wait$|webhook$/.test(item.type), `a webhookId for ${item.name}`);
    byName[item.name] = item;
  }
  expect(new Set(list.map((item) => item.id)).size === list.length, 'different ids');
  const targets = Object.values(connections).flatMap(({ main }) => main.flat().map((target) => target.node));
  for (const end of [...Object.keys(connections), ...targets]) expect(byName[end], `a node named ${end}`);
  const free = list.filter((item) => !/stickyNote|Trigger|webhook$/.test(item.type) && !targets.includes(item.name));
  expect(free.length === 0, `a way to ${free.map((item) => item.name)}`);
  for (const [, reference] of JSON.stringify(list).matchAll(/\$\('([^']+)'\)/g)) expect(byName[reference], `a node named ${reference}`);
  return byName;
}

/** The output that a node goes on at, and its data. */
async function run(execution, { name, type, parameters: p, credentials }) {
  const { json } = execution;
  const evaluate = (value) => evaluateIn(execution, value);
  switch (type) {
    case 'n8n-nodes-base.formTrigger':
      expect(p.authentication === 'basicAuth' && credentials.httpBasicAuth, `a credential of ${name}: not just anybody starts runs`);
      return [0, fill(name, p.formFields.values, json)];
    case 'n8n-nodes-base.webhook':
    case 'n8n-nodes-base.noOp':
      return [0, json];
    case 'n8n-nodes-base.set': {
      // The server is the one of the test; everything else is as it is written.
      const value = (field) => (field.name === 'server' ? qp : evaluate(field.value));
      const fields = p.assignments.assignments.map((field) => [field.name, value(field)]);
      for (const [field, text] of fields) expect(typeof text === 'string', `a text for ${field} of ${name}, not ${text}`);
      return [0, Object.fromEntries(fields)];
    }
    case 'n8n-nodes-base.switch': {
      const found = p.rules.values.findIndex((rule) => holds(rule.conditions, evaluate));
      return [found, json];
    }
    case 'n8n-nodes-base.if':
      return [holds(p.conditions, evaluate) ? 0 : 1, json];
    case 'n8n-nodes-base.wait': {
      expect(p.incomingAuthentication === 'basicAuth' && credentials.httpBasicAuth, `a credential of ${name}: not just anybody decides`);
      expect(evaluate(p.formTitle) && evaluate(p.formDescription), `a title and a description of ${name}`);
      const answer = waitAnswers.length > 1 ? waitAnswers.shift() : waitAnswers[0];
      expect(answer || p.limitWaitTime, `a time limit of ${name}`);
      return [0, answer ? fill(name, p.formFields.values, answer) : json];
    }
    case 'n8n-nodes-base.httpRequest':
      return [0, await send(name, p, credentials, evaluate)];
    default:
      throw new Error(`No rule for ${type}.`);
  }
}

async function send(name, p, credentials, evaluate) {
  expect(p.authentication === 'genericCredentialType' && credentials[p.genericAuthType], `a credential of ${name}`);
  expect(p.genericAuthType === 'httpBearerAuth', `bearer authentication of ${name}`);
  const headers = { Authorization: `Bearer ${process.env.TOKEN}` };
  for (const header of p.sendHeaders ? p.headerParameters.parameters : []) headers[header.name] = evaluate(header.value);
  if (p.sendBody) headers['Content-Type'] = 'application/json';
  const response = await fetch(evaluate(p.url), { method: p.method, headers, body: p.sendBody ? evaluate(p.jsonBody) : undefined });
  console.log(`${name} ${response.status}`);
  expect(response.ok || p.options.response?.response.neverError, `an answer of ${name}: ${response.status}`);
  return response.json();
}

function fill(name, fields, given) {
  for (const field of fields) {
    const value = given[field.fieldLabel];
    expect(value || !field.requiredField, `${field.fieldLabel} in ${name}`);
    const choices = field.fieldOptions?.values.map((choice) => choice.option);
    expect(!choices || choices.includes(value), `one of ${choices} in ${name}`);
  }
  return given;
}

function holds({ conditions, combinator }, evaluate) {
  expect(combinator === 'and', 'conditions joined by and');
  return conditions.every(({ leftValue, operator }) => {
    expect(operator.type === 'boolean' && operator.operation === 'true', 'a condition that is true or false');
    const value = evaluate(leftValue);
    expect(typeof value === 'boolean', `true or false, not ${value}`);
    return value;
  });
}

/** A value that begins with = is a text with {{ expressions }} in it; of one expression alone it is the value. */
function evaluateIn(execution, value) {
  if (typeof value !== 'string' || !value.startsWith('=')) return value;
  const alone = /^=\{\{((?:(?!\}\}).)*)\}\}$/s.exec(value);
  if (alone) return compute(execution, alone[1]);
  return value.slice(1).replace(/\{\{((?:(?!\}\}).)*)\}\}/gs, (_, expression) => compute(execution, expression));
}

function compute({ json, outputs, $execution }, expression) {
  const $ = (name) => ({
    isExecuted: name in outputs,
    first: () => ({ json: outputs[name] ?? fail(`${name} has not run yet`) }),
  });
  return new Function('$json', '$', '$execution', `return (${expression});`)(json, $, $execution);
}

function expect(condition, what) {
  if (!condition) fail(`Expected ${what}.`);
}

function fail(message) {
  throw new Error(message);
}
