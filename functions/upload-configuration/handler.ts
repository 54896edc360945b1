import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { UploadProperties, UploadResult } from './properties.ts';
import { substitute } from './substitute.ts';

/** What the work takes. */
export interface UploadPorts {
  readonly objects: ObjectStore;
  /** Lets an object go after a day. @returns Whether it was not on its way out already. */
  readonly expire: (key: string) => Promise<boolean>;
  /** Path → text. */
  readonly files: Readonly<Record<string, string>>;
}

/** All configurations lie below it, each in its folder. */
const CONFIGURATIONS = 'config/';

/** Does what a stack asks for when it is created or updated: writes the configuration's files into the bucket, or, once
 *  all functions read them, lets those before go. When the stack goes, nothing is done: a function that is not updated
 *  yet, or is rolled back, still reads the folder of before. */
export async function uploadConfiguration(
  event: CloudFormationCustomResourceEvent,
  ports: UploadPorts,
): Promise<UploadResult> {
  const properties = event.ResourceProperties as unknown as UploadProperties;
  const PhysicalResourceId = `${properties.action} ${properties.prefix}`;
  try {
    if (event.RequestType !== 'Delete') await act(properties, ports);
    return { Status: 'SUCCESS', PhysicalResourceId };
  } catch (error) {
    const Reason = `Cannot ${properties.action} configuration: ${(error as Error).message}`;
    return { Status: 'FAILED', Reason, PhysicalResourceId };
  }
}

async function act(properties: UploadProperties, { objects, expire, files }: UploadPorts): Promise<void> {
  const { prefix } = properties;
  if (properties.action === 'keep-only') return expireOthers(prefix, { objects, expire });
  for (const [path, text] of Object.entries(files)) {
    await objects.put(prefix + path, new TextEncoder().encode(substitute(text, properties.substitutions)));
  }
}

async function expireOthers(prefix: string, { objects, expire }: Pick<UploadPorts, 'objects' | 'expire'>) {
  let after: string | undefined;
  do {
    const page = await objects.list(CONFIGURATIONS, { after });
    for (const { key } of page.objects) if (!key.startsWith(prefix)) await expire(key);
    after = page.next;
  } while (after !== undefined);
}
