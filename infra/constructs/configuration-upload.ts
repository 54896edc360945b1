import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CustomResource } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { UploadProperties } from '../../functions/upload-configuration/handler.ts';
import type { ConfigurationFolder, Substitution } from '../configuration-folder.ts';
import { HouseFunction } from './house-function.ts';

/** What an upload needs. */
export interface ConfigurationUploadProps {
  readonly bucket: IBucket;
  readonly bundleFolder: string;
  readonly configuration: ConfigurationFolder;
  readonly substitutions: Readonly<Record<Substitution, string>>;
}

/** Uploads the configuration's files at each deployment that changed them. */
export class ConfigurationUpload extends Construct {
  constructor(scope: Construct, id: string, props: ConfigurationUploadProps) {
    super(scope, id);
    const { files, prefix } = props.configuration;
    writeFileSync(join(props.bundleFolder, 'files.json'), JSON.stringify(files));
    const uploader = new HouseFunction(this, 'Uploader', {
      bundleFolder: props.bundleFolder,
      memoryMb: 256,
      timeoutSeconds: 120,
    });
    uploader.bindConfigurationUpload(props.bucket);
    const properties: UploadProperties = { prefix, substitutions: props.substitutions };
    const resource = new CustomResource(this, 'Files', {
      serviceToken: uploader.lambda.functionArn,
      resourceType: 'Custom::EmberwatchConfiguration',
      properties,
    });
    // CloudFormation calls the function by this stack's rights, but only once its role may write.
    resource.node.addDependency(uploader);
  }
}
