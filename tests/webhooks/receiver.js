// A receiver of webhooks on loopback, made of the libraries that receivers use. It writes a line of JSON for each request, and
// for each line that it reads: an array of the secrets to verify with. It ends with whoever started it, however that ended:
// the pipe on standard input closes then.
const http = require('node:http');
const readline = require('node:readline');
const { HTTP } = require('cloudevents');
const { Webhook } = require('standardwebhooks');

let secrets = [];

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const verifies = (secret, body, headers) => {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
};

const parse = (body, headers) => {
  try {
    const event = HTTP.toEvent({ headers, body });
    event.validate();
    return { event, fault: null };
  } catch (e) {
    return { event: null, fault: String(e) };
  }
};

const receive = async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString('utf8');
  const { headers } = request;
  tell({
    id: headers['webhook-id'],
    secret: headers['x-quantapilot-secret'],
    verified: secrets.map((secret) => verifies(secret, body, headers)),
    ...parse(body, headers),
  });
  response.end('taken');
};

readline.createInterface({ input: process.stdin })
  .on('line', (line) => {
    secrets = JSON.parse(line);
    tell({ secrets: secrets.length });
  })
  .on('close', () => process.exit());

const server = http.createServer(receive).listen(0, '127.0.0.1', () => tell({ port: server.address().port }));
