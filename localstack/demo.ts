import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { AwsClients } from '#shared/adapters/aws/clients.ts';
import { startDemoApp } from '../functions/local/demo/app.ts';
import { serveDeployment } from './api-proxy.ts';

const QUEUE = 'emberwatch-demo-inbox';
const WAIT_SECONDS = 2;

export interface DemoOptions {
  /** Of the deployed API, without a slash at the end. */
  readonly endpoint: string;
  readonly token: string;
  readonly alertTopicArn: string;
  readonly appPort: number;
  readonly dashboardPort: number;
  readonly say: (line: string) => void;
  /** Ends the demo. */
  readonly signal: AbortSignal;
}

/** Runs a target on this machine, registers it with the deployment, serves the dashboard, and shows what comes to a
 *  subscriber of the alert topic, until `signal`. */
export async function runDemo(clients: AwsClients, options: DemoOptions): Promise<void> {
  const { endpoint, token, say, signal } = options;
  const app = await startDemoApp(options.appPort, join(tmpdir(), `emberwatch-demo-${process.pid}-paused`));
  const server = await serveDeployment(endpoint, options.dashboardPort);
  try {
    await register(endpoint, token, `localhost:${app.port}`);
    say(`The app runs on http://localhost:${app.port}/ and is registered as a target`);
    say(`The dashboard is on http://localhost:${options.dashboardPort}/, its token is ${token}`);
    const queueUrl = await subscribe(clients, options.alertTopicArn);
    say('Notifications are shown here as they come; Ctrl+C ends the demo');
    while (!signal.aborted) await showNotifications(clients, queueUrl, say);
  } finally {
    server.close();
    server.closeAllConnections();
    await app.close();
  }
}

async function register(endpoint: string, token: string, address: string): Promise<void> {
  const response = await fetch(`${endpoint}/api/v1/registry/targets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ address, job: 'myapp' }),
  });
  const body = await response.text();
  // 409: an earlier run of the demo has registered it.
  if (!response.ok && response.status !== 409) throw new Error(`Cannot register "${address}": ${body}`);
}

/** Makes a queue that gets what is published to the topic. @returns Its URL. */
async function subscribe(clients: AwsClients, TopicArn: string): Promise<string> {
  const { QueueUrl } = await clients.sqs().send(new CreateQueueCommand({ QueueName: QUEUE }));
  const { Attributes } = await clients
    .sqs()
    .send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  await clients.sns().send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes!.QueueArn }));
  return QueueUrl!;
}

async function showNotifications(clients: AwsClients, QueueUrl: string, say: DemoOptions['say']): Promise<void> {
  const { Messages = [] } = await clients
    .sqs()
    .send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: WAIT_SECONDS }));
  for (const { Body = '{}', ReceiptHandle } of Messages) {
    const { Subject, Message } = JSON.parse(Body) as { readonly Subject?: string; readonly Message?: string };
    say(`Notification: ${Subject}: ${Message?.trim()}`);
    await clients.sqs().send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
}
