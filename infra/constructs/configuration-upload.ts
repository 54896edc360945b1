import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CustomResource } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { UploadProperties } from '../../functions/upload-configuration/properties.ts';
import type { ConfigurationFolder, Substitution } from '../configuration-folder.ts';
import { HouseFunction } from './house-function.ts';

/** What an upload needs. */
export interface ConfigurationUploadProps {
  readonly bucket: IBucket;
  readonly bundleFolder: string;
  readonly configuration: ConfigurationFolder;
  readonly substitutions: Readonly<Record<Substitution, string>>;
}

const RESOURCE_TYPE = 'Custom::EmberwatchConfiguration';

/** Uploads the configuration's files at each deployment that changed them. */
export class ConfigurationUpload extends Construct {
  /** What other stacks ask to let old configurations go. */
  readonly serviceToken: string;

  constructor(scope: Construct, id: string, props: ConfigurationUploadProps) {
    super(scope, id);
    const { files, prefix } = props.configuration;
    writeFileSync(join(props.bundleFolder, 'files.json'), JSON.stringify(files));
    const uploader = new HouseFunction(this, 'Uploader', {
      name: 'upload-configuration',
      bundleFolder: props.bundleFolder,
      memoryMb: 256,
      timeoutSeconds: 120,
    });
    uploader.bindConfigurationUpload(props.bucket);
    this.serviceToken = uploader.lambda.functionArn;
    const properties: UploadProperties = { action: 'upload', prefix, substitutions: props.substitutions };
    const resource = new CustomResource(this, 'Files', {
      serviceToken: this.serviceToken,
      resourceType: RESOURCE_TYPE,
      properties,
    });
    // CloudFormation calls the function by this stack's rights, but only once its role may write.
    resource.node.addDependency(uploader);
  }
}

/** Lets the configurations of before go, once everything that it depends on reads this one. */
export class ConfigurationCleanup extends CustomResource {
  constructor(scope: Construct, id: string, props: { readonly serviceToken: string; readonly prefix: string }) {
    const properties: UploadProperties = { action: 'keep-only', prefix: props.prefix };
    super(scope, id, { serviceToken: props.serviceToken, resourceType: RESOURCE_TYPE, properties });
  }
}
