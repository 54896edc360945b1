import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy that loses answers: the other side does what it was asked, and the client never hears of it. */
export interface LossyProxy {
  readonly url: string;
  /** How many of the next answers are lost. */
  lose(answers: number): void;
  /** Requests passed on so far. */
  readonly requests: number;
  close(): Promise<void>;
}

/** @param target The URL of the server behind it. */
export async function startLossyProxy(target: string): Promise<LossyProxy> {
  let toLose = 0;
  let requests = 0;
  const server = createServer((incoming, outgoing) => {
    requests++;
    forward(new URL(incoming.url!, target), incoming, (answer) => {
      if (toLose > 0) {
        toLose--;
        answer.resume();
        answer.once('end', () => incoming.socket.destroy());
      } else relay(answer, outgoing);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lose(answers) {
      toLose = answers;
    },
    get requests() {
      return requests;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function forward(url: URL, incoming: IncomingMessage, answered: (answer: IncomingMessage) => void): void {
  const { method, headers } = incoming;
  const passed = request(url, { method, headers: { ...headers, host: url.host } }, answered);
  passed.on('error', () => incoming.socket.destroy());
  incoming.pipe(passed);
}

function relay(answer: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(answer.statusCode!, answer.headers);
  answer.pipe(outgoing);
}
