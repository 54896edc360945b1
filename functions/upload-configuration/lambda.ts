import { readFile } from 'node:fs/promises';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { openObjects } from '../aws/open-objects.ts';
import { uploadConfiguration } from './handler.ts';

const { objects, expiry } = openObjects();

/** The Lambda function behind the stack's upload: answers CloudFormation at the URL that it names.
 *  @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  // Beside the bundle, since it is part of what is deployed.
  const files = JSON.parse(await readFile(new URL('./files.json', import.meta.url), 'utf8')) as Record<string, string>;
  const { StackId, RequestId, LogicalResourceId } = event;
  const result = await uploadConfiguration(event, { objects, expire: expiry.expire, files });
  const body = JSON.stringify({ ...result, StackId, RequestId, LogicalResourceId });
  const response = await fetch(event.ResponseURL, { method: 'PUT', body });
  if (!response.ok) throw new Error(`Cannot answer CloudFormation: got status ${response.status}`);
}
