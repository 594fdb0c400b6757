// An agent elsewhere: takes tasks over HTTP and answers at their callback URLs. Requests both ways are signed by Standard Webhooks.
//
//     QP_AGENT_SECRET_TRANSLATOR=whsec_... node agent/server.mjs PORT
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const key = Buffer.from((process.env.QP_AGENT_SECRET_TRANSLATOR ?? '').replace(/^whsec_/, ''), 'base64');
if (key.length < 24) throw new Error('QP_AGENT_SECRET_TRANSLATOR is missing: whsec_ and at least 24 bytes in base64');
const accepted = new Set(); // of this process; one that is to survive restarts keeps its tasks on disk before it accepts them

const sign = (id, timestamp, body) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;

function isSigned(headers, body) {
  const timestamp = headers['webhook-timestamp'] ?? '';
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const expected = Buffer.from(sign(headers['webhook-id'] ?? '', timestamp, body));
  return (headers['webhook-signature'] ?? '').split(' ').map((text) => Buffer.from(text))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

/** A first translation is informal; whoever asks for the polite form gets it. */
function translate(task) {
  const polite = /polite|\bSie\b/.test(task.feedback ?? '');
  const phrases = polite
    ? { greeting: 'Guten Tag, wie geht es Ihnen?', help: 'Können Sie mir helfen?', name: 'Wie heißen Sie?', thanks: 'Vielen Dank!' }
    : { greeting: 'Guten Tag, wie geht es dir?', help: 'Kannst du mir helfen?', name: 'Wie heißt du?', thanks: 'Vielen Dank!' };
  return {
    status: 'succeeded',
    summary: `Translated ${Object.keys(phrases).length} phrases, in the ${polite ? 'polite' : 'informal'} form.`,
    files: [{ path: 'phrases/de.json', content: `${JSON.stringify(phrases, null, 2)}\n` }],
  };
}

/** Repeats the answer until it is confirmed, or refused for good. */
async function answer(task) {
  const body = JSON.stringify(translate(task));
  for (let delay = 1000; ; delay = Math.min(2 * delay, 300_000)) {
    const [id, timestamp] = [`msg_${randomUUID()}`, String(Math.floor(Date.now() / 1000))];
    const headers = {
      'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': sign(id, timestamp, body),
    };
    const response = await fetch(task.callback_url, { method: 'POST', headers, body }).catch((e) => e);
    if (response.ok) return;
    console.error(response.status ?? response.message);
    if (response.status && response.status !== 429 && response.status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, delay));
  }
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (request.method !== 'POST' || !isSigned(request.headers, body)) return response.writeHead(401).end();
  response.writeHead(202).end();
  const repeat = request.headers['idempotency-key'];
  if (accepted.has(repeat)) return;
  accepted.add(repeat);
  await answer(JSON.parse(body));
});
server.listen(Number(process.argv[2] ?? 8090), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
