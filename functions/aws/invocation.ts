import type { APIGatewayProxyEventV2, SQSEvent, SQSRecord } from 'aws-lambda';
import type { LogFields } from '#shared/ports/logger.ts';

/** What the log of an invocation says on each of its lines: which messages it works on, or which request. */
export function describeEvent(event: unknown): LogFields {
  if (isQueueEvent(event)) {
    const messages = event.Records.map(describeMessage);
    // A deployed function gets them one by one.
    return messages.length === 1 ? messages[0] : { messages };
  }
  if (isHttpEvent(event)) {
    const { requestId, http } = event.requestContext;
    // Not the query: it may name what nobody else is to read.
    return { apiRequestId: requestId, method: http.method, path: event.rawPath };
  }
  return {};
}

/** Which message, and, of the message of a slot, which slot. */
function describeMessage({ messageId, attributes, body }: SQSRecord): LogFields {
  const { stream, slotMs } = parsed(body);
  return {
    messageId,
    ...(attributes?.ApproximateReceiveCount !== undefined && {
      receiveCount: Number(attributes.ApproximateReceiveCount),
    }),
    ...(typeof stream === 'string' && { stream }),
    ...(typeof slotMs === 'number' && { slotMs, slot: slotText(slotMs) }),
  };
}

function parsed(body: string): { readonly stream?: unknown; readonly slotMs?: unknown } {
  try {
    return (JSON.parse(body) as object | null) ?? {};
  } catch {
    // The handler says so.
    return {};
  }
}

function slotText(slotMs: number): string {
  const time = new Date(slotMs);
  return Number.isNaN(time.getTime()) ? String(slotMs) : time.toISOString();
}

function isQueueEvent(event: unknown): event is SQSEvent {
  return Array.isArray((event as Partial<SQSEvent> | null)?.Records);
}

function isHttpEvent(event: unknown): event is APIGatewayProxyEventV2 {
  return (event as Partial<APIGatewayProxyEventV2> | null)?.requestContext?.http !== undefined;
}
