import { fromResponse } from '#shared/api/answer.ts';
import type { Answers } from '#shared/api/app.ts';
import type { IncomingRequest } from '#shared/api/request.ts';

/** The answers of what takes requests and gives responses as the web platform has them. */
export function webAnswers(fetch: (request: Request) => Response | Promise<Response>): Answers {
  return async (request) => fromResponse(await fetch(toWebRequest(request)));
}

function toWebRequest({ method, url, headers, body, signal }: IncomingRequest): Request {
  const init = { method, headers: [...headers], signal };
  if (body === null) return new Request(url, init);
  return new Request(url, { ...init, body: ReadableStream.from(body), duplex: 'half' } as RequestInit);
}
