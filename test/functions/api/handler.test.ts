import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createApiHandler } from '#functions/api/handler.ts';
import { readSettings } from '#functions/aws/lambda-settings.ts';
import { createTokenSource } from '#functions/aws/token.ts';
import { createServices } from '#functions/services.ts';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';

const TOKEN = 'secretsmanager:token';

function open(secrets: Readonly<Record<string, string>>) {
  const ports = createMemoryPorts({
    clock: createVirtualClock(1_700_000_000_000),
    random: createSeededRandom(1),
    secrets,
    files: {
      'prometheus.yml': 'scrape_configs: []\n',
      'alertmanager.yml': 'route:\n  receiver: a\nreceivers:\n  - name: a\n',
    },
  });
  const services = createServices(ports, readSettings({ EXTERNAL_URL: 'https://watch.example.com' }));
  const handler = createApiHandler(services, { token: createTokenSource(ports, TOKEN), version: '1.2.3' });
  const ask = (method: string, path: string, headers: Readonly<Record<string, string>> = {}, body?: string) => {
    const [rawPath, rawQueryString = ''] = path.split('?');
    const requestContext = { domainName: 'api.example.com', http: { method, path: rawPath, sourceIp: '127.0.0.1' } };
    const event = { rawPath, rawQueryString, headers, body, isBase64Encoded: false, requestContext };
    return handler(event as unknown as APIGatewayProxyEventV2);
  };
  return { ask, logger: ports.logger, metrics: services.metrics };
}

const OPEN = { authorization: 'Bearer s3cret' };

test('every request needs the token, even one that seems to come from this machine', async () => {
  const { ask } = open({ [TOKEN]: 's3cret' });
  const cases: readonly [headers: Record<string, string>, path: string, expected: number][] = [
    [{}, '/-/healthy', 200],
    [{}, '/api/v1/query?query=1', 401],
    [{ authorization: 'Bearer wrong' }, '/api/v1/query?query=1', 401],
    [{ host: 'localhost' }, '/api/v1/query?query=1', 401],
    [OPEN, '/api/v1/query?query=1', 200],
    [{ authorization: `Basic ${btoa('any:s3cret')}` }, '/api/v2/status', 200],
  ];
  for (const [headers, path, expected] of cases) {
    assert.equal((await ask('GET', path, headers)).statusCode, expected, `${path} ${JSON.stringify(headers)}`);
  }
});

test('queries and forms are answered as by Prometheus', async () => {
  const { ask } = open({ [TOKEN]: 's3cret' });
  const form = { ...OPEN, 'content-type': 'application/x-www-form-urlencoded' };
  const answers = [
    await ask('GET', '/api/v1/query?query=vector(1)%2B1&time=5', OPEN),
    await ask('POST', '/api/v1/query', form, 'query=vector(1)%2B1&time=5'),
  ];
  for (const { body } of answers) assert.match(body!, /"result":\[\{"metric":\{\},"value":\[5,"2"\]\}\]/);
  const flags = await ask('GET', '/api/v1/status/flags', OPEN);
  assert.equal(JSON.parse(flags.body!).data['web.external-url'], 'https://watch.example.com');
});

test('a token that cannot be read closes the API and says so', async () => {
  const { ask, logger } = open({});
  const { statusCode, body } = await ask('GET', '/api/v1/query?query=1', OPEN);
  assert.equal(statusCode, 503);
  assert.match(body!, /"errorType":"unavailable"/);
  assert.equal(logger.entries.filter(({ level }) => level === 'error').length, 1);
});

test('what is no request is answered so', async () => {
  assert.equal((await open({ [TOKEN]: 's3cret' }).ask('TRACE', '/')).statusCode, 400);
});

test('requests are counted and timed', async () => {
  const { ask, metrics } = open({ [TOKEN]: 's3cret' });
  await ask('GET', '/-/healthy');
  await ask('GET', '/api/v1/query?query=up');
  await ask('GET', '/api/v1/query?query=up', OPEN);
  const page = metrics.page();
  assert.match(page, /^emberwatch_api_requests_total\{code="200"\} 2$/m);
  assert.match(page, /^emberwatch_api_requests_total\{code="401"\} 1$/m);
  assert.match(page, /^emberwatch_api_request_duration_seconds_count 3$/m);
});
