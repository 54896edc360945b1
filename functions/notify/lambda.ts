import { createPooledSecrets } from '#shared/adapters/aws/secrets.ts';
import { createPooledTopics } from '#shared/adapters/aws/topic.ts';
import { createSmtpMailer } from '#shared/adapters/node/mailer-smtp.ts';
import { openFunction } from '../aws/open-services.ts';
import { createNotifyHandler } from './handler.ts';

const { services, serve } = openFunction({
  secrets: createPooledSecrets,
  topic: createPooledTopics,
  mailer: createSmtpMailer,
});

/** The Lambda function: its services are made once per cold start. */
export const handler = serve(createNotifyHandler(services));
