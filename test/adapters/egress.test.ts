import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createEgressGuard } from '#shared/adapters/node/egress-guard.ts';
import {
  type AddressClass,
  CLOUD_EGRESS,
  classifyAddress,
  type EgressPolicy,
  isAllowed,
  LOCAL_EGRESS,
} from '#shared/adapters/node/egress-policy.ts';
import { createNodeHttpClient } from '#shared/adapters/node/http-client.ts';
import { isInRange, parseIp, parseIpRange } from '#shared/adapters/node/ip-address.ts';
import { HttpRequestError } from '#shared/ports/http-client.ts';
import { echo, serveHttp } from '../contract/loopback.ts';

const NOTHING: EgressPolicy = { allowLoopback: false, allowPrivate: false, allowLinkLocal: false };
const EVERYTHING: EgressPolicy = { allowLoopback: true, allowPrivate: true, allowLinkLocal: true };

const CLASSES: readonly (readonly [AddressClass, readonly string[]])[] = [
  [
    'public',
    ['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '126.255.255.255', '128.0.0.0', '172.15.255.255', '172.32.0.0'],
  ],
  ['public', ['100.63.255.255', '100.128.0.0', '169.253.255.255', '169.255.0.0', '192.167.255.255', '223.255.255.255']],
  ['public', ['2606:4700:4700::1111', '2001:4860:4860::8888', '::ffff:8.8.8.8', '64:ff9b::808:808', '2002:808:808::1']],
  ['loopback', ['127.0.0.1', '127.255.255.255', '0.0.0.0', '0.1.2.3', '::1', '::', '0:0:0:0:0:0:0:1']],
  ['loopback', ['::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::127.0.0.1', '64:ff9b::7f00:1']],
  [
    'loopback',
    ['2002:7f00:1::', '2002:7f00:0001:ffff::1', '::ffff:0:127.0.0.1', '2606:4700::5efe:7f00:1', '::ffff:0.0.0.0'],
  ],
  [
    'private',
    ['10.0.0.1', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.127.255.255'],
  ],
  [
    'private',
    [
      '198.18.0.1',
      '198.19.255.255',
      'fc00::1',
      'fd12:3456::1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '2002:c0a8:101::1',
    ],
  ],
  ['private', ['2606:4700::200:5efe:a00:1', 'fec0::1']],
  ['link-local', ['169.254.0.1', '169.254.255.255', 'fe80::1', 'fe80::1%eth0', 'febf::1', '::ffff:169.254.1.1']],
  [
    'metadata',
    ['169.254.169.254', '169.254.169.253', '169.254.170.2', '169.254.170.23', '100.100.100.200', '168.63.129.16'],
  ],
  [
    'metadata',
    ['192.0.0.192', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe'],
  ],
  ['metadata', ['64:ff9b::169.254.169.254', '2002:a9fe:a9fe::', '::a9fe:a9fe', '2606:4700::5efe:a9fe:a9fe']],
  [
    'reserved',
    ['192.0.0.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', 'ff02::1', '2001::1', '64:ff9b:1::1'],
  ],
  ['reserved', ['100::1', '', 'nonsense', '1.2.3', '1.2.3.4.5', '256.1.1.1', '017700000001', ':::', '1::2::3']],
];

describe('classifyAddress()', () => {
  for (const [expected, addresses] of CLASSES) {
    it(`knows ${expected} addresses, such as ${addresses[0]}`, () => {
      for (const address of addresses) assert.equal(classifyAddress(address), expected, address);
    });
  }

  it('sees an IPv4 address in each form that carries it', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
        const plain = octets.join('.');
        const [a, b, c, d] = octets.map((value) => value.toString(16).padStart(2, '0'));
        const expected = classifyAddress(plain);
        const forms = [
          `::ffff:${plain}`,
          `::ffff:0:${plain}`,
          `64:ff9b::${plain}`,
          `64:ff9b::${a}${b}:${c}${d}`,
          `2002:${a}${b}:${c}${d}::1`,
        ];
        for (const form of forms) assert.equal(classifyAddress(form), expected, form);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('isAllowed()', () => {
  it('never allows metadata services and reserved addresses', () => {
    for (const kind of ['metadata', 'reserved'] as const) assert.equal(isAllowed(kind, EVERYTHING), false);
    assert.equal(isAllowed('public', NOTHING), true);
  });

  it('follows the policy for the rest', () => {
    const kinds = ['loopback', 'private', 'link-local'] as const;
    const allowed = (policy: EgressPolicy) => kinds.filter((kind) => isAllowed(kind, policy));
    assert.deepEqual(allowed(LOCAL_EGRESS), ['loopback', 'private']);
    assert.deepEqual(allowed(CLOUD_EGRESS), ['private']);
    assert.deepEqual(allowed(NOTHING), []);
    assert.deepEqual(allowed(EVERYTHING), kinds);
  });
});

describe('parseIpRange()', () => {
  it('makes ranges, and refuses what is none', () => {
    const range = parseIpRange('172.16.0.0/12');
    assert.equal(isInRange(parseIp('172.31.0.1')!, range), true);
    assert.equal(isInRange(parseIp('172.32.0.1')!, range), false);
    assert.equal(isInRange(parseIp('::ffff:172.16.0.1')!, range), false);
    for (const text of ['10.0.0.0', '10.0.0.0/33', 'x/8', '10.0.0.0/-1'])
      assert.throws(() => parseIpRange(text), TypeError);
  });
});

describe('the egress guard', () => {
  it('refuses a name of which any address is refused', async () => {
    const guard = createEgressGuard(NOTHING, async () => ['1.1.1.1', '10.0.0.1']);
    await assert.rejects(guard.resolve('mixed.example'), {
      kind: 'blocked',
      message: 'dial tcp: "mixed.example" (10.0.0.1) is a private address, which is not allowed here',
    });
  });

  it('tells what the resolver found nothing for', async () => {
    const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
    const rows = [
      { resolve: failing('ENOTFOUND'), problem: 'no such host' },
      { resolve: failing('EAI_AGAIN'), problem: 'Temporary failure in name resolution' },
      { resolve: async () => [], problem: 'no such host' },
    ];
    for (const { resolve, problem } of rows) {
      const guard = createEgressGuard(LOCAL_EGRESS, resolve);
      await assert.rejects(guard.resolve('a.example'), {
        kind: 'dns',
        message: `dial tcp: lookup a.example: ${problem}`,
      });
    }
  });
});

describe('the HTTP client behind the guard', () => {
  const get = (client: ReturnType<typeof createNodeHttpClient>, url: string, proxyUrl?: string) =>
    client.request({ method: 'GET', url, timeoutMs: 3000, maxBodyBytes: 10_000, proxyUrl });
  const isBlocked = (error: unknown) => error instanceof HttpRequestError && error.kind === 'blocked';

  it('makes no connection to refused literals, in any spelling', async () => {
    await using server = await serveHttp(echo);
    const client = createNodeHttpClient({ egress: CLOUD_EGRESS });
    const hosts = [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      '0',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
    ];
    const more = [
      '[::ffff:7f00:1]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '１２７.０.０.１',
      'localhost',
      'LOCALHOST',
    ];
    const metadata = ['169.254.169.254', '0xa9fea9fe', '[fd00:ec2::254]', '[::ffff:169.254.169.254]', '169.254.170.2'];
    for (const host of [...hosts, ...more, ...metadata]) {
      await assert.rejects(get(client, `http://${host}:${server.port}/`), isBlocked, host);
      await assert.rejects(get(client, `https://${host}:${server.port}/`), isBlocked, host);
    }
    const error = await get(client, 'http://127.1:9001/').catch((caught) => caught);
    assert.equal(
      error.message,
      'Get "http://127.1:9001/": dial tcp: "127.0.0.1" is a loopback address, which is not allowed here',
    );
    assert.equal(server.connections, 0);
    client.close();
  });

  it('refuses metadata services where all else is allowed', async () => {
    const client = createNodeHttpClient({ egress: EVERYTHING });
    for (const host of ['169.254.169.254', '[::ffff:169.254.169.254]'])
      await assert.rejects(get(client, `http://${host}/`), isBlocked);
    client.close();
  });

  it('checks every hop of a redirect, and the proxy', async () => {
    for (const location of [
      'http://169.254.169.254/latest/meta-data/',
      'http://[::ffff:a9fe:a9fe]/',
      'http://rebound.example/',
    ]) {
      await using server = await serveHttp((_, response) => response.writeHead(302, { Location: location }).end());
      const client = createNodeHttpClient({ egress: LOCAL_EGRESS, resolve: async () => ['169.254.169.254'] });
      await assert.rejects(get(client, server.url), isBlocked, location);
      await assert.rejects(get(client, 'http://x.example/', 'http://169.254.169.254:3128'), isBlocked);
      await assert.rejects(get(client, 'https://x.example/', 'http://169.254.169.254:3128'), isBlocked);
      await assert.rejects(get(client, 'https://x.example/', 'http://rebound.example:3128'), isBlocked);
      await assert.rejects(get(client, 'http://169.254.169.254/', server.url), isBlocked);
      client.close();
    }
  });

  it('connects to the address that it checked, whatever the name says later', async () => {
    await using server = await serveHttp(echo);
    let asked = 0;
    const addresses = ['127.0.0.1', '169.254.169.254'];
    const client = createNodeHttpClient({ egress: LOCAL_EGRESS, resolve: async () => [addresses[asked++ % 2]] });
    assert.equal((await get(client, `http://rebinding.example:${server.port}/`)).status, 200);
    assert.equal(asked, 1);
    await assert.rejects(get(client, `http://rebinding.example:${server.port + 1}/`), isBlocked);
    client.close();
  });
});
