import { CopyObjectCommand, GetObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import { awsErrorName, describeAwsError } from './errors.ts';
import { EXPIRY_TAG } from './schema.ts';

/** Lets objects of a bucket go after a time of grace, which the rule of the bucket for `EXPIRY_TAG` says. Whoever writes
 *  such an object again keeps it. */
export interface ObjectExpiry {
  /** The grace of an object that is on its way out already goes on. @returns False when it was, or when there is none. */
  expire(key: string): Promise<boolean>;
}

/** The rule counts from when an object was written, so it is copied onto itself, with the tag. */
export function createObjectExpiry(options: { readonly client: S3Client; readonly bucket: string }): ObjectExpiry {
  const { client, bucket } = options;
  return {
    async expire(key) {
      try {
        const { TagSet = [] } = await client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }));
        if (TagSet.some(({ Key }) => Key === EXPIRY_TAG.key)) return false;
        await client.send(
          new CopyObjectCommand({
            Bucket: bucket,
            Key: key,
            CopySource: `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
            // S3 refuses to copy an object onto itself when nothing of it changes.
            MetadataDirective: 'REPLACE',
            TaggingDirective: 'REPLACE',
            Tagging: `${EXPIRY_TAG.key}=${EXPIRY_TAG.value}`,
          }),
        );
        return true;
      } catch (error) {
        if (awsErrorName(error) === 'NoSuchKey') return false;
        throw new Error(`Cannot let object "${key}" expire: ${describeAwsError(error)}`, { cause: error });
      }
    },
  };
}
