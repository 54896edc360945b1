/** What a stack asks for. */
export type UploadProperties =
  | {
      readonly action: 'upload';
      /** Under which the files go, with a slash at the end. Named after their content: a changed one is another folder. */
      readonly prefix: string;
      /** Name → what stands for `${name}` in the files: what is only known once it is deployed. */
      readonly substitutions: Readonly<Record<string, string>>;
    }
  | {
      /** By then no function reads another folder. */
      readonly action: 'keep-only';
      readonly prefix: string;
    };

/** What is told to CloudFormation. */
export interface UploadResult {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
}
