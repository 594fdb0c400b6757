// Receives QuantaPilot's webhooks and prints their events. Node.js 18 or later, nothing to install.
//
//   WEBHOOK_SECRETS=whsec_… PORT=8080 node scripts/receivers/receiver.mjs
//
// WEBHOOK_SECRETS       what POST /subscriptions answered as secret; during a rotation old and new, separated by a space
// WEBHOOK_PLAIN_SECRET  the secret of the header X-QuantaPilot-Secret, if the subscription has one
// HOST, PORT            where to listen; 127.0.0.1 and 8080 by default, 0 for any free port
//
// Whatever of the two secrets is set must be right. Put a proxy with TLS in front of anything but loopback.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const tolerance = 5 * 60; // Seconds, as Standard Webhooks says: an older request may be one that somebody sends again.
const largest = 1024 * 1024;
const remembered = 10_000;

const keys = (process.env.WEBHOOK_SECRETS ?? '').split(/[\s,]+/).filter(Boolean).map(keyOf);
const plainSecret = process.env.WEBHOOK_PLAIN_SECRET ?? '';
if (keys.length === 0 && plainSecret === '') stop('Set WEBHOOK_SECRETS or WEBHOOK_PLAIN_SECRET: without one anybody could send events.');

const seen = new Set();

const server = createServer((request, response) => {
  // A sender that hangs up gets no answer.
  receive(request, response).catch(() => response.destroy());
});

server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '127.0.0.1', () => {
  const { address, port } = server.address();
  console.log(`listening on http://${address}:${port}`);
});

async function receive(request, response) {
  if (request.method !== 'POST') return answer(response, 405, { Allow: 'POST' });
  const body = await read(request);
  if (body === null) return answer(response, 413, { Connection: 'close' });
  if (!isGenuine(request.headers, body)) return answer(response, 401);
  const event = parse(body);
  if (event === null) return answer(response, 400);
  // Events come at least once: the id tells the repeats.
  const repeated = seen.has(event.id);
  seen.add(event.id);
  if (seen.size > remembered) seen.delete(seen.values().next().value);
  console.log(`${repeated ? 'repeated' : 'received'} ${event.id} ${event.type} ${JSON.stringify(event.data)}`);
  return answer(response, 204);
}

/** Whether the request comes from QuantaPilot, unchanged and just now. */
function isGenuine(headers, body) {
  if (plainSecret !== '' && !equal(headers['x-quantapilot-secret'] ?? '', plainSecret)) return false;
  if (keys.length === 0) return true;
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'] ?? '';
  if (!id || !/^\d{1,12}$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > tolerance) return false;
  const expected = keys.map((key) => 'v1,' + createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64'));
  // During a rotation there are several signatures: one that fits is enough.
  const given = (headers['webhook-signature'] ?? '').split(' ');
  return given.some((signature) => expected.some((candidate) => equal(signature, candidate)));
}

/** In constant time, whatever the lengths. */
function equal(a, b) {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

function keyOf(secret) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (!secret.startsWith('whsec_') || key.length < 24) stop('A secret in WEBHOOK_SECRETS is not whsec_ and base64 of 24 bytes or more.');
  return key;
}

/** The CloudEvent, or null if the body is none. */
function parse(body) {
  try {
    const event = JSON.parse(body.toString('utf8'));
    return typeof event?.id === 'string' && typeof event.type === 'string' ? event : null;
  } catch {
    return null;
  }
}

/** The body, or null if it is too large. */
async function read(request) {
  if (Number(request.headers['content-length'] ?? 0) > largest) return null;
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > largest) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function answer(response, status, headers = {}) {
  response.writeHead(status, headers).end();
}

function stop(message) {
  console.error(message);
  process.exit(2);
}
