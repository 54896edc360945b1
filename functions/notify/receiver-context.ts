import type { ReceiverContext } from '#shared/alerting/receivers/delivery.ts';
import type { Configuration } from '#shared/config/configuration.ts';
import type { Clock } from '#shared/ports/clock.ts';
import { type AlertmanagerTemplates, createAlertmanagerTemplates } from '#shared/template/alertmanager-templates.ts';
import type { Services } from '../services.ts';

/** What receivers work with. */
export async function receiverContext(services: Services): Promise<Omit<ReceiverContext, 'nowMs'>> {
  const { http, mailer, topic, secrets, files } = services.ports;
  const templates = templatesOf(await services.configuration.current(), services.ports.clock);
  return { templates, http, mailer, topic, secrets, files, externalUrl: services.settings.externalUrl };
}

/** Parsed once for each configuration. */
const parsedTemplates = new WeakMap<Configuration, AlertmanagerTemplates>();

function templatesOf(configuration: Configuration, clock: Clock): AlertmanagerTemplates {
  let templates = parsedTemplates.get(configuration);
  if (templates === undefined) {
    templates = createAlertmanagerTemplates(configuration.notificationTemplates, { nowMs: () => clock.nowMs() });
    parsedTemplates.set(configuration, templates);
  }
  return templates;
}
