import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  type HttpClient,
  type HttpFailure,
  type HttpRequest,
  HttpRequestError,
  type HttpResponse,
} from '#shared/ports/http-client.ts';
import { makeIdentity } from './certificate.ts';
import { textOf } from './harness.ts';
import { closedPort, echo, serveHttp, serveHttps, serveTcp } from './loopback.ts';

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What every client that really connects does. @param make A client that may connect to loopback. */
export function describeHttpClient(name: string, make: () => HttpClient & { close(): void }): void {
  describe(`${name}: HTTP client`, () => {
    let client: HttpClient & { close(): void };
    before(() => {
      client = make();
    });
    after(() => client.close());

    const get = (url: string, more: Partial<HttpRequest> = {}) =>
      client.request({ method: 'GET', url, timeoutMs: 5000, maxBodyBytes: 1_000_000, ...more });
    const fails = async (request: Promise<HttpResponse>, kind: HttpFailure, message: string | RegExp) => {
      await assert.rejects(request, (error) => {
        assert.ok(error instanceof HttpRequestError, String(error));
        assert.equal(error.kind, kind, error.message);
        if (typeof message === 'string') assert.equal(error.message, message);
        else assert.match(error.message, message);
        return true;
      });
    };

    it('sends method, path, headers and body, and gives back status, headers and body', async () => {
      await using server = await serveHttp((request, response) => {
        response.writeHead(202, 'Taken', { 'X-One': ['a', 'b'], 'Set-Cookie': ['c=1', 'd=2'] });
        echo(request, response);
      });
      const response = await client.request({
        method: 'POST',
        url: `${server.url}/path?q=%20x#hash`,
        headers: { 'X-Custom': 'yes', 'Content-Type': 'text/plain' },
        body: 'grüße',
        timeoutMs: 5000,
        maxBodyBytes: 10_000,
      });
      assert.deepEqual([response.status, response.statusText], [202, 'Taken']);
      assert.deepEqual([response.headers['x-one'], response.headers['set-cookie']], ['a, b', 'c=1, d=2']);
      const seen = parse(response);
      assert.deepEqual([seen.method, seen.url, seen.body], ['POST', '/path?q=%20x', 'grüße']);
      assert.deepEqual(
        [seen.headers['x-custom'], seen.headers['content-type'], seen.headers['content-length'], seen.headers.host],
        ['yes', 'text/plain', '7', `127.0.0.1:${server.port}`],
      );
    });

    it('resolves with any status', async () => {
      await using server = await serveHttp((request, response) => {
        response.writeHead(Number(request.url?.slice(1))).end('x');
      });
      for (const status of [200, 304, 400, 404, 429, 500, 503])
        assert.equal((await get(`${server.url}/${status}`)).status, status);
      assert.equal((await get(`${server.url}/204`)).body.length, 0);
    });

    it('uses a connection again for GET, and survives that the server has closed it', async () => {
      await using server = await serveHttp((_, response) => response.end('ok'));
      for (let i = 0; i < 3; i++) await get(server.url);
      assert.equal(server.connections, 1);
      let asked = 0;
      await using rude = await serveTcp((socket) => {
        socket.on('data', () => {
          asked++;
          if (asked === 2) socket.destroy();
          else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        });
      });
      assert.equal((await get(rude.url)).status, 200);
      assert.equal((await get(rude.url)).status, 200);
      assert.deepEqual([asked, rude.connections], [3, 2]);
    });

    it('undoes gzip and reads chunked bodies', async () => {
      const page = 'metric 1\n'.repeat(5000);
      await using server = await serveHttp((request, response) => {
        assert.equal(request.headers['accept-encoding'], 'gzip');
        response.setHeader('Content-Encoding', request.url === '/x' ? 'x-gzip' : 'gzip');
        const zipped = gzipSync(page);
        response.write(zipped.subarray(0, 20));
        response.end(zipped.subarray(20));
      });
      for (const path of ['/', '/x']) {
        const response = await get(server.url + path);
        assert.equal(textOf(response.body), page);
        assert.equal(response.headers['content-encoding'], undefined);
      }
    });

    it('limits the body after decompression', async () => {
      const page = new Uint8Array(100_000);
      await using server = await serveHttp((request, response) => {
        if (request.url === '/gzip') response.setHeader('Content-Encoding', 'gzip').end(gzipSync(page));
        else response.end(page);
      });
      for (const path of ['/gzip', '/plain']) {
        assert.equal((await get(server.url + path, { maxBodyBytes: 100_000 })).body.length, 100_000);
        await fails(get(server.url + path, { maxBodyBytes: 99_999 }), 'too-large', 'body size limit exceeded');
      }
    });

    it('does not follow a gzip stream of nothing', async () => {
      const nothing = gzipSync('');
      await using server = await serveHttp((_, response) => {
        response.setHeader('Content-Encoding', 'gzip');
        const more = () => {
          while (!response.destroyed && response.write(Buffer.concat(Array(500).fill(nothing))));
        };
        response.on('drain', more);
        more();
      });
      await fails(get(server.url, { maxBodyBytes: 1000 }), 'too-large', 'body size limit exceeded');
    });

    it('says so when the body is not whole', async () => {
      const zipped = gzipSync('x'.repeat(1000));
      const rows = [
        { head: 'Content-Length: 10', body: 'half', message: 'unexpected EOF' },
        { head: 'Transfer-Encoding: chunked', body: '5\r\nhel', message: 'unexpected EOF' },
        {
          head: 'Content-Encoding: gzip\r\nConnection: close',
          body: zipped.subarray(0, 15),
          message: 'unexpected EOF',
        },
        {
          head: 'Content-Encoding: gzip\r\nConnection: close',
          body: 'no gzip',
          message: 'gzip: invalid header',
        },
      ];
      for (const { head, body, message } of rows) {
        await using server = await serveTcp((socket) => {
          socket.once('data', () => {
            socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
            socket.end(body);
          });
        });
        await fails(get(server.url), 'protocol', message);
      }
    });

    it('says so when there is no HTTP answer', async () => {
      await using silent = await serveTcp((socket) => void socket.once('data', () => socket.end()));
      await fails(get(silent.url), 'protocol', `Get "${silent.url}": EOF`);
      await using other = await serveTcp((socket) => void socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n')));
      const broken = `Get "${other.url}": net/http: HTTP/1.x transport connection broken`;
      await fails(get(other.url), 'protocol', `${broken}: malformed HTTP response "SSH-2.0-OpenSSH"`);
      await using endless = await serveTcp((socket) => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\n');
          const more = () => {
            while (socket.writable && socket.write(`X-Filler: ${'x'.repeat(10_000)}\r\n`));
          };
          socket.on('drain', more);
          more();
        });
      });
      await fails(get(endless.url), 'protocol', /HTTP\/1\.x transport connection broken/);
    });

    it('gives up at the deadline, whatever the server does until then', async () => {
      await using hanging = await serveTcp(() => undefined);
      await fails(get(hanging.url, { timeoutMs: 60 }), 'timeout', `Get "${hanging.url}": context deadline exceeded`);
      await using slow = await serveHttp((_, response) => {
        const drip = setInterval(() => response.write('x'), 5);
        response.on('close', () => clearInterval(drip));
      });
      await fails(get(slow.url, { timeoutMs: 250 }), 'timeout', 'context deadline exceeded');
      await using slowGzip = await serveHttp((_, response) => {
        response.setHeader('Content-Encoding', 'gzip').write(gzipSync('x').subarray(0, 12));
      });
      await fails(get(slowGzip.url, { timeoutMs: 250 }), 'timeout', 'context deadline exceeded');
      await using redirecting = await serveHttp((_, response) => {
        setTimeout(() => response.writeHead(302, { Location: '/' }).end(), 15);
      });
      await fails(get(redirecting.url, { timeoutMs: 100 }), 'timeout', /^Get "http:.*": context deadline exceeded$/);
    });

    it('stops when its signal is aborted', async () => {
      await using hanging = await serveTcp(() => undefined);
      const abort = new AbortController();
      const request = get(hanging.url, { signal: abort.signal });
      setTimeout(() => abort.abort(), 20);
      await fails(request, 'aborted', `Get "${hanging.url}": context canceled`);
      await fails(
        get(hanging.url, { signal: AbortSignal.abort() }),
        'aborted',
        `Get "${hanging.url}": context canceled`,
      );
    });

    it('says in the words of Go why it could not connect', async () => {
      const port = await closedPort();
      const url = `http://127.0.0.1:${port}/metrics`;
      await fails(get(url), 'refused', `Get "${url}": dial tcp 127.0.0.1:${port}: connect: connection refused`);
      const post = client.request({ method: 'POST', url, timeoutMs: 1000, maxBodyBytes: 1 });
      await fails(post, 'refused', `Post "${url}": dial tcp 127.0.0.1:${port}: connect: connection refused`);
      await fails(get('ftp://127.0.0.1/x'), 'protocol', 'Get "ftp://127.0.0.1/x": unsupported protocol scheme "ftp"');
      await fails(get('nonsense'), 'protocol', 'Get "nonsense": invalid URL');
    });

    it('shows no secrets of the URL, and sends them', async () => {
      await using server = await serveHttp(echo);
      const seen = parse(await get(`http://user:p%40ss@127.0.0.1:${server.port}/`));
      assert.equal(seen.headers.authorization, `Basic ${Buffer.from('user:p@ss').toString('base64')}`);
      const port = await closedPort();
      const refused = `dial tcp 127.0.0.1:${port}: connect: connection refused`;
      await fails(
        get(`http://user:p@ss@127.0.0.1:${port}/`),
        'refused',
        `Get "http://user:***@127.0.0.1:${port}/": ${refused}`,
      );
      await fails(get(`http://token@127.0.0.1:${port}/`), 'refused', `Get "http://***@127.0.0.1:${port}/": ${refused}`);
    });

    it('follows redirects as Go does', async () => {
      await using server = await serveHttp((request, response) => {
        const status = /^\/(30\d)/.exec(request.url!)?.[1];
        if (status === undefined) echo(request, response);
        else response.writeHead(Number(status), { Location: '/end' }).end('moved');
      });
      const rows = [
        { status: 301, method: 'GET', body: '' },
        { status: 302, method: 'GET', body: '' },
        { status: 303, method: 'GET', body: '' },
        { status: 307, method: 'POST', body: 'payload' },
        { status: 308, method: 'POST', body: 'payload' },
      ];
      for (const { status, method, body } of rows) {
        const sent = {
          method: 'POST',
          body: 'payload',
          headers: { 'Content-Type': 'a/b', Authorization: 'kept' },
        } as const;
        const seen = parse(await get(`${server.url}/${status}`, sent));
        assert.deepEqual([seen.method, seen.url, seen.body], [method, '/end', body], String(status));
        assert.equal(seen.headers.authorization, 'kept');
        assert.equal(seen.headers['content-type'], method === 'POST' ? 'a/b' : undefined);
      }
      const stopped = await get(`${server.url}/302`, { followRedirects: false });
      assert.deepEqual([stopped.status, stopped.headers.location], [302, '/end']);
    });

    it('stops after 10 redirects', async () => {
      let asked = 0;
      await using server = await serveHttp((_, response) => {
        asked++;
        response.writeHead(302, { Location: '/again' }).end();
      });
      await fails(get(server.url), 'protocol', `Get "${server.url}/again": stopped after 10 redirects`);
      assert.equal(asked, 10);
    });

    it('a redirect without a place to go is an answer', async () => {
      await using server = await serveHttp((_, response) => response.writeHead(301).end('nowhere'));
      assert.equal((await get(server.url)).status, 301);
    });

    it('does not send credentials on to another host', async () => {
      await using end = await serveHttp(echo);
      await using start = await serveHttp((_, response) =>
        response.writeHead(307, { Location: `${end.url}/end` }).end(),
      );
      const response = await get(start.url, {
        headers: {
          Authorization: 'Bearer secret',
          Cookie: 'session=secret',
          'X-Api-Key': 'secret',
          'Proxy-Authorization': 'secret',
          'User-Agent': 'Emberwatch',
          Accept: 'text/plain',
          Host: 'start.example',
        },
      });
      assert.ok(!textOf(response.body)!.includes('secret'));
      const { headers } = parse(response);
      assert.deepEqual(
        [headers['user-agent'], headers.accept, headers.host],
        ['Emberwatch', 'text/plain', `127.0.0.1:${end.port}`],
      );
    });

    it('checks certificates', async () => {
      const good = makeIdentity(['good.example', 'localhost']);
      const expired = makeIdentity(['localhost'], { from: 2001, to: 2002 });
      await using server = await serveHttps(good, echo);
      await using old = await serveHttps(expired, echo);
      const problem = 'tls: failed to verify certificate: x509: certificate';
      await fails(get(server.url), 'tls', `Get "${server.url}": ${problem} signed by unknown authority`);
      assert.equal((await get(server.url, { tls: { insecureSkipVerify: true } })).status, 200);
      assert.equal((await get(server.url, { tls: { ca: good.cert, serverName: 'good.example' } })).status, 200);
      assert.equal((await get(`https://localhost:${server.port}`, { tls: { ca: good.cert } })).status, 200);
      const other = { ca: good.cert, serverName: 'bad.example' };
      const names = `${problem} is valid for good.example, localhost, not bad.example`;
      await fails(get(server.url, { tls: other }), 'tls', `Get "${server.url}": ${names}`);
      await fails(
        get(server.url, { tls: { ca: good.cert } }),
        'tls',
        /x509: cannot validate certificate for 127\.0\.0\.1 because it doesn't contain any IP SANs$/,
      );
      const late = get(old.url, { tls: { ca: expired.cert, serverName: 'localhost' } });
      await fails(late, 'tls', `Get "${old.url}": ${problem} has expired or is not yet valid`);
      await fails(get(server.url, { tls: { ca: 'no pem', cert: 'x', key: 'y' } }), 'tls', /^Get "https:/);
    });

    it('says so when one side speaks TLS and the other does not', async () => {
      await using plain = await serveHttp(echo);
      const url = `https://127.0.0.1:${plain.port}`;
      await fails(get(url), 'tls', `Get "${url}": http: server gave HTTP response to HTTPS client`);
    });

    it('shows a client certificate to the host it is for', async () => {
      const server = makeIdentity(['localhost']);
      const own = makeIdentity(['client.example']);
      const options = { ...server, ca: own.cert, requestCert: true, rejectUnauthorized: false };
      const answer = (request: { socket: unknown }, response: { end(text: string): void }) => {
        const { subject } = (
          request.socket as { getPeerCertificate(): { subject?: { CN: string } } }
        ).getPeerCertificate();
        response.end(subject?.CN ?? 'nobody');
      };
      await using end = await serveHttps(options, answer);
      await using start = await serveHttps(options, (request, response) => {
        if (request.url === '/away') response.writeHead(302, { Location: `https://localhost:${end.port}/` }).end();
        else answer(request, response);
      });
      const tls = { ca: server.cert, cert: own.cert, key: own.key };
      assert.equal(textOf((await get(`https://localhost:${start.port}/`, { tls })).body), 'client.example');
      assert.equal(textOf((await get(`https://localhost:${start.port}/away`, { tls })).body), 'nobody');
    });

    it('asks a proxy, in absolute form for http', async () => {
      await using proxy = await serveHttp(echo);
      const proxyUrl = `http://user:pass@127.0.0.1:${proxy.port}`;
      const seen = parse(await get('http://target.example:8080/metrics?a=b', { proxyUrl }));
      assert.equal(seen.url, 'http://target.example:8080/metrics?a=b');
      assert.equal(seen.headers.host, 'target.example:8080');
      assert.equal(seen.headers['proxy-authorization'], `Basic ${Buffer.from('user:pass').toString('base64')}`);
      await fails(
        get('http://x.example/', { proxyUrl: 'socks5://127.0.0.1:1' }),
        'protocol',
        /unsupported protocol scheme "socks5"$/,
      );
    });

    it('says so when the proxy cannot be reached', async () => {
      const port = await closedPort();
      const problem = `proxyconnect tcp: dial tcp 127.0.0.1:${port}: connect: connection refused`;
      for (const url of ['http://x.example/', 'https://x.example/']) {
        await fails(get(url, { proxyUrl: `http://127.0.0.1:${port}` }), 'refused', `Get "${url}": ${problem}`);
      }
    });

    it('asks a proxy for a tunnel for https', async () => {
      const { connect } = await import('node:net');
      const identity = makeIdentity(['target.example']);
      await using target = await serveHttps(identity, echo);
      const asked: string[] = [];
      await using proxy = await serveTcp((socket) => {
        socket.once('data', (head) => {
          asked.push(String(head));
          if (asked.length > 1) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
          const upstream = connect(target.port, '127.0.0.1');
          upstream.on('error', () => undefined);
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          socket.pipe(upstream).pipe(socket);
        });
      });
      const request = { proxyUrl: `http://u:p@127.0.0.1:${proxy.port}`, tls: { ca: identity.cert } };
      const seen = parse(
        await get('https://target.example/metrics', { ...request, headers: { Authorization: 'inner' } }),
      );
      assert.deepEqual(
        [seen.url, seen.headers.host, seen.headers.authorization],
        ['/metrics', 'target.example', 'inner'],
      );
      assert.equal(seen.headers['proxy-authorization'], undefined);
      assert.match(asked[0], /^CONNECT target\.example:443 HTTP\/1\.1\r\n/);
      assert.match(asked[0], /proxy-authorization: Basic dTpw/i);
      assert.ok(!asked[0].includes('inner'));
      const refused = get('https://target.example/metrics', request);
      await fails(refused, 'protocol', 'Get "https://target.example/metrics": Proxy Authentication Required');
    });

    it('refuses headers that would be two', async () => {
      await using server = await serveHttp(echo);
      await fails(get(server.url, { headers: { 'X-A': 'a\r\nX-B: b' } }), 'protocol', /^Get "http:/);
    });
  });
}

function parse(response: HttpResponse): Echo {
  return JSON.parse(textOf(response.body)!);
}
