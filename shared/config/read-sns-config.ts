import type { SnsConfig } from '#shared/alerting/config.ts';
import type { YamlFields } from './yaml-fields.ts';

/** SNS is called with the process's own credentials, by the topic's ARN.
 *  @see alertmanager/config/notifiers.go SNSConfig */
export function readSnsConfig(fields: YamlFields): SnsConfig {
  const topicArn = fields.text('topic_arn') ?? '';
  const targetArn = fields.text('target_arn') ?? '';
  const phoneNumber = fields.text('phone_number') ?? '';
  const given = [topicArn, targetArn, phoneNumber].filter((text) => text !== '').length;
  // Upstream's condition lets all three pass.
  if (given !== 1 && given !== 3) {
    fields.report('must provide either a Target ARN, Topic ARN, or Phone Number for SNS config');
  } else {
    fields.refuse('target_arn');
    fields.refuse('phone_number');
  }
  fields.refuse('api_url');
  fields.refuse('http_config');
  fields.bool('use_aws_http_client');
  refuseSigv4(fields);
  return {
    kind: 'sns',
    sendResolved: fields.bool('send_resolved') ?? true,
    topicArn,
    subject: fields.text('subject') ?? '{{ template "sns.default.subject" . }}',
    message: fields.text('message') ?? '{{ template "sns.default.message" . }}',
    attributes: fields.textMap('attributes') ?? {},
  };
}

/** The region is in the ARN; other credentials than the process's are not used. */
function refuseSigv4(fields: YamlFields): void {
  const sigv4 = fields.fields('sigv4', 'sigv4.plain');
  if (sigv4 === undefined) return;
  sigv4.text('region');
  for (const name of ['access_key', 'secret_key', 'profile', 'role_arn', 'external_id', 'session_name', 'tags']) {
    sigv4.refuse(name);
  }
  sigv4.refuse('use_fips_sts_endpoint');
  sigv4.refuse('service_name');
  sigv4.finish();
}
