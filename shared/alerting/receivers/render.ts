import type { NotificationData } from '#shared/template/alertmanager-data.ts';
import type { ReceiverContext } from './delivery.ts';
import { formatAlertText, formatAlertTitle } from './plain-text.ts';

/** Renders the templates of one notification. A template that fails must not swallow the notification: plain text takes
 *  its place, and the first failure is remembered. */
export interface Renderer {
  /** @param instead What takes the place of a failing template. @default '' */
  text(template: string, instead?: Instead): string;
  html(template: string): string;
  /** For texts without which nothing can be sent, such as an address: `undefined` when the template fails. */
  required(template: string): string | undefined;
  /** What takes the place of templates. */
  plain(instead: Instead): string;
  /** Why templates were replaced; `undefined` when all succeeded. */
  problem(): string | undefined;
}

export type Instead = 'title' | 'body' | { readonly text: string };

/** @param data Of the notification that is rendered. */
export function createRenderer(context: ReceiverContext, data: NotificationData): Renderer {
  const problems: string[] = [];
  const attempt = (render: () => string): string | undefined => {
    try {
      return render();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  return {
    text: (template, instead = { text: '' }) =>
      attempt(() => context.templates.text(template, data)) ?? plainText(data, instead),
    html: (template) => attempt(() => context.templates.html(template, data)) ?? '',
    required: (template) => attempt(() => context.templates.text(template, data)),
    plain: (instead) => plainText(data, instead),
    problem: () => problems[0],
  };
}

function plainText(data: NotificationData, instead: Instead): string {
  if (instead === 'title') return formatAlertTitle(data);
  return instead === 'body' ? formatAlertText(data) : instead.text;
}
