import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { compareStrings } from '#shared/model/labels.ts';
import type { Files } from '#shared/ports/files.ts';
import { hasGlob, matchGlob } from '#shared/ports/glob.ts';
import { awsErrorName, describeAwsError } from './errors.ts';

/** Reads the files that lie under a prefix of an S3 bucket. Absolute paths, and those that leave the prefix, name no file.
 *  @param options.prefix With its `/` at the end. */
export function createS3Files(options: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
}): Files {
  const { client, bucket, prefix } = options;
  return {
    read: (path) => readText(path, { client, bucket, key: prefix + path }),
    async glob(pattern) {
      // Also finds out whether the pattern is well-formed where there is no file.
      matchGlob(pattern, '');
      const start = prefix + literalStart(pattern);
      const found: string[] = [];
      try {
        for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: start })) {
          for (const { Key } of page.Contents ?? []) found.push(Key!.slice(prefix.length));
        }
      } catch (error) {
        throw new Error(`Cannot list files "${pattern}": ${describeAwsError(error)}`, { cause: error });
      }
      return found.filter((path) => matchGlob(pattern, path)).sort(compareStrings);
    },
  };
}

async function readText(
  path: string,
  { client, bucket, key }: { readonly client: S3Client; readonly bucket: string; readonly key: string },
): Promise<string> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await Body!.transformToString();
  } catch (error) {
    const problem = awsErrorName(error) === 'NoSuchKey' ? 'no such file or directory' : describeAwsError(error);
    throw new Error(`open ${path}: ${problem}`, { cause: error });
  }
}

/** The pattern up to its first special character: `rules/*.yml` → `rules/`. */
function literalStart(pattern: string): string {
  let end = 0;
  while (end < pattern.length && !hasGlob(pattern[end])) end++;
  return pattern.slice(0, end);
}
