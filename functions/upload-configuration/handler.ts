import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { ObjectStore } from '#shared/ports/object-store.ts';

/** What the stack says of an upload. */
export interface UploadProperties {
  /** Under which the files go, with a slash at the end. Named after their content: a changed one is another folder. */
  readonly prefix: string;
  /** Name → what stands for `${name}` in the files: what is only known once it is deployed. */
  readonly substitutions: Readonly<Record<string, string>>;
}

/** What is told to CloudFormation. */
export interface UploadResult {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
}

/** Writes the configuration's files into the bucket when the stack is created or updated. Nothing is ever deleted: a
 *  function that is not updated yet, or is rolled back, still reads the folder of before, and it is small.
 *  @param files Path → text. */
export async function uploadConfiguration(
  event: CloudFormationCustomResourceEvent,
  { objects, files }: { readonly objects: ObjectStore; readonly files: Readonly<Record<string, string>> },
): Promise<UploadResult> {
  const { prefix, substitutions } = event.ResourceProperties as unknown as UploadProperties;
  try {
    if (event.RequestType !== 'Delete') {
      for (const [path, text] of Object.entries(files)) {
        await objects.put(prefix + path, new TextEncoder().encode(substitute(text, substitutions)));
      }
    }
    return { Status: 'SUCCESS', PhysicalResourceId: prefix };
  } catch (error) {
    return {
      Status: 'FAILED',
      Reason: `Cannot upload configuration: ${(error as Error).message}`,
      PhysicalResourceId: prefix,
    };
  }
}

/** Puts each value in the place of `${name}`; other `${…}` stay as they are. */
export function substitute(text: string, substitutions: Readonly<Record<string, string>>): string {
  return Object.entries(substitutions).reduce(
    (result, [name, value]) => result.replaceAll(`\${${name}}`, () => value),
    text,
  );
}
