// A GitHub on loopback that answers with the examples of GitHub's own description of its REST API, by Prism, and refuses requests that
// the description doesn't allow; mutations are checked against GitHub's own GraphQL schema.
//
// Writes {"port"} once it listens, then a line for each request: {"request", "operation", "status", "refused"}, where refused says what
// is wrong with it. Takes lines {"request", "code"?, "merge"?}: the request gets the described answer of that code, with these members
// (of its first item, for a list) instead of the example's; each line is acknowledged by {"set"}.

import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { validate } from '@octokit/graphql-schema';

const require = createRequire(import.meta.url);
const { createLogger } = require('@stoplight/prism-core');
const { getHttpOperationsFromSpec } = require('@stoplight/prism-http');
const { createServer } = require('@stoplight/prism-http-server');

// What the forge uses of some thousand operations. A request for another one is refused.
const used = {
  '/app/installations/{installation_id}/access_tokens': ['post'],
  '/repos/{owner}/{repo}/branches/{branch}': ['get'],
  '/repos/{owner}/{repo}/commits/{ref}/check-runs': ['get'],
  '/repos/{owner}/{repo}/commits/{ref}/status': ['get'],
  '/repos/{owner}/{repo}/git/commits': ['post'],
  '/repos/{owner}/{repo}/git/commits/{commit_sha}': ['get'],
  '/repos/{owner}/{repo}/git/ref/{ref}': ['get'],
  '/repos/{owner}/{repo}/git/refs/{ref}': ['patch', 'delete'],
  '/repos/{owner}/{repo}/installation': ['get'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['patch'],
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/{issue_number}/labels': ['post'],
  '/repos/{owner}/{repo}/labels': ['post'],
  '/repos/{owner}/{repo}/labels/{name}': ['get'],
  '/repos/{owner}/{repo}/pulls': ['get', 'post'],
  '/repos/{owner}/{repo}/pulls/{pull_number}': ['get', 'patch'],
  '/repos/{owner}/{repo}/pulls/{pull_number}/merge': ['put'],
  '/repos/{owner}/{repo}/rules/branches/{branch}': ['get'],
};

const file = require.resolve('@octokit/openapi').replace(/index\.js$/, 'generated/api.github.com.json');
const described = JSON.parse(readFileSync(file, 'utf8'));
const operations = await getHttpOperationsFromSpec(cut(described));
const templates = Object.entries(used).flatMap(([path, methods]) => methods.map(method => ({
  name: `${method.toUpperCase()} ${path}`,
  pattern: new RegExp(`^${method.toUpperCase()} ${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
})));
const prism = createServer(operations, {
  cors: false,
  components: { logger: createLogger('prism', { level: 'silent' }) },
  config: {
    checkSecurity: true, errors: true, isProxy: false, upstreamProxy: undefined, validateRequest: true,
    // Some examples of the description are older than it.
    validateResponse: false,
    mock: { dynamic: false },
  },
});
const upstream = await prism.listen(0, '127.0.0.1');
const wishes = new Map();

const server = createHttpServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const url = new URL(request.url, 'http://github');
  const name = `${request.method} ${url.pathname}`;
  const answer = url.pathname === '/graphql' ? mutate(JSON.parse(body)) : await ask(request, body, wishes.get(name));
  tell({
    request: name,
    operation: templates.find(template => template.pattern.test(name))?.name ?? name,
    status: answer.status,
    refused: answer.refused ?? null,
  });
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
});
server.listen(0, '127.0.0.1', () => tell({ port: server.address().port }));
createInterface({ input: process.stdin }).on('line', line => {
  const { request, ...wish } = JSON.parse(line);
  wishes.set(request, wish);
  tell({ set: request });
}).on('close', () => process.exit());

async function ask(request, body, wish) {
  const headers = { ...request.headers };
  for (const name of ['host', 'connection', 'content-length', 'transfer-encoding']) delete headers[name];
  if (wish?.code) headers.prefer = `code=${wish.code}`;
  const answer = await fetch(upstream + request.url, { method: request.method, headers, body: body.length > 0 ? body : undefined });
  const text = await answer.text();
  // Where the description has an answer to a wrong request, Prism gives that, with what is wrong in a header.
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json');
  const refused = answer.headers.get('sl-violations') ?? (isProblem ? text : undefined);
  if (refused) return { status: answer.status, text, refused };
  if (!wish?.merge) return { status: answer.status, text };
  const value = JSON.parse(text);
  Object.assign(Array.isArray(value) ? value[0] : value, wish.merge);
  return { status: answer.status, text: JSON.stringify(value) };
}

function mutate({ query, variables }) {
  const faults = validate(query);
  if (typeof variables?.id !== 'string') faults.push('There is no id.');
  return { status: 200, text: '{"data":{}}', refused: faults.length > 0 ? faults.map(String).join('\n') : undefined };
}

// The description with those operations and what they refer to: the whole takes Prism minutes.
function cut({ openapi, info, servers, paths, components }) {
  const kept = { openapi, info, servers, paths: {}, components: {} };
  for (const [path, methods] of Object.entries(used)) {
    kept.paths[path] = Object.fromEntries(methods.map(method => [method, paths[path][method]]));
  }
  const open = [kept.paths];
  while (open.length > 0) {
    const value = open.pop();
    if (value === null || typeof value !== 'object') continue;
    for (const [key, inner] of Object.entries(value)) {
      const [, kind, name] = key === '$ref' && typeof inner === 'string' ? inner.match(/^#\/components\/([^/]+)\/([^/]+)$/) ?? [] : [];
      if (name === undefined) open.push(inner);
      else if (kept.components[kind]?.[name] === undefined) open.push((kept.components[kind] ??= {})[name] = components[kind][name]);
    }
  }
  return kept;
}

function tell(line) {
  process.stdout.write(JSON.stringify(line) + '\n');
}
