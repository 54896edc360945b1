/** The templates that receivers use unless they are configured otherwise. Names and rendered texts are Alertmanager's, so that
 *  templates written for it go on working; the e-mail's HTML is our own. Built from tables, as most of them differ only in name.
 *  @see alertmanager/template/default.tmpl */

/** Template name → body. */
type Definitions = Readonly<Record<string, string>>;

const SHARED: Definitions = {
  __alertmanager: 'Alertmanager',
  __alertmanagerURL: '{{.ExternalURL}}/#/alerts?receiver={{urlquery .Receiver}}',
  __description: '',
  __subject: [
    '[{{toUpper .Status}}{{if eq .Status "firing"}}:{{len .Alerts.Firing}}{{end}}] ',
    '{{join " " .GroupLabels.SortedPairs.Values}} ',
    '{{if gt (len .CommonLabels) (len .GroupLabels)}}',
    '({{with .CommonLabels.Remove .GroupLabels.Names}}{{join " " .Values}}{{end}})',
    '{{end}}',
  ].join(''),
  __text_alert_list: `{{range .}}${pairs('Labels', ' - ')}${pairs('Annotations', ' - ')}Source: {{.GeneratorURL}}\n{{end}}`,
  __text_alert_list_markdown: `{{range .}}\n${pairs('Labels', '  - ')}\n${pairs('Annotations', '  - ')}\nSource: {{.GeneratorURL}}\n{{end}}\n`,
};

/** A heading and a line for each label or annotation of an alert. */
function pairs(field: 'Labels' | 'Annotations', bullet: string): string {
  return `${field}:\n{{range .${field}.SortedPairs}}${bullet}{{.Name}} = {{.Value}}\n{{end}}`;
}

const COMMON_ANNOTATIONS = '{{join " " .CommonAnnotations.SortedPairs.Values}}';

interface SectionStyle {
  readonly heading: string;
  readonly list: string;
  /** Before the heading and after the list. */
  readonly edge: string;
}

/** The firing alerts, then the resolved ones, each if there are any. */
function sections({ heading, list, edge }: SectionStyle): string {
  const section = (status: 'Firing' | 'Resolved') =>
    `{{if .Alerts.${status}}}${edge}${heading}Alerts ${status}:\n{{template "${list}" .Alerts.${status}}}${edge}{{end}}`;
  return `${section('Firing')}\n${section('Resolved')}`;
}

const COMPACT = `${COMMON_ANNOTATIONS}\n${sections({ heading: '', list: '__text_alert_list', edge: '' })}`;
const AIRY = `\n${sections({ heading: '', list: '__text_alert_list', edge: '\n' })}\n`;
const MARKDOWN = `\n${sections({ heading: '# ', list: '__text_alert_list_markdown', edge: '\n' })}\n`;

const SUBJECT = call('__subject');
const LINK = call('__alertmanagerURL');
const PRODUCT = call('__alertmanager');
const COLOR = '{{if eq .Status "firing"}}danger{{else}}good{{end}}';

function call(name: string): string {
  return `{{template "${name}" .}}`;
}

/** The most severe of the firing alerts, or of the resolved ones when those say nothing. */
const JIRA_PRIORITY = ['Firing', 'Resolved']
  .map(
    (status) =>
      `{{if not $priority}}{{range .Alerts.${status}}}{{$severity := .Labels.severity}}` +
      '{{if eq $severity "critical"}}{{$priority = "High"}}' +
      '{{else if and (eq $severity "warning") (ne $priority "High")}}{{$priority = "Medium"}}' +
      '{{else if and (eq $severity "info") (not $priority)}}{{$priority = "Low"}}{{end}}{{end}}{{end}}',
  )
  .reduce((all, one) => all + one, '{{$priority := ""}}')
  .concat('{{$priority}}');

const RECEIVERS: Readonly<Record<string, Definitions>> = {
  slack: {
    title: SUBJECT,
    username: PRODUCT,
    fallback: `${call('slack.default.title')} | ${call('slack.default.titlelink')}`,
    callbackid: '',
    pretext: '',
    titlelink: LINK,
    iconemoji: '',
    iconurl: '',
    text: '',
    footer: '',
    color: COLOR,
  },
  pagerduty: { description: SUBJECT, client: PRODUCT, clientURL: LINK, instances: call('__text_alert_list') },
  opsgenie: { message: SUBJECT, description: COMPACT, source: LINK },
  wechat: {
    message: `${SUBJECT}\n${COMPACT}\nAlertmanagerUrl:\n${LINK}`,
    to_user: '',
    to_party: '',
    to_tag: '',
    agent_id: '',
  },
  victorops: { state_message: COMPACT, entity_display_name: SUBJECT, monitoring_tool: PRODUCT },
  pushover: { title: SUBJECT, message: COMMON_ANNOTATIONS + AIRY, url: LINK },
  sns: { subject: SUBJECT, message: COMMON_ANNOTATIONS + AIRY },
  telegram: { message: AIRY },
  discord: { content: '', title: SUBJECT, message: AIRY },
  webex: { message: COMMON_ANNOTATIONS + AIRY },
  msteams: { summary: SUBJECT, title: SUBJECT, text: MARKDOWN },
  msteamsv2: { title: SUBJECT, text: MARKDOWN },
  jira: { summary: SUBJECT, description: MARKDOWN, priority: JIRA_PRIORITY },
  rocketchat: { title: SUBJECT, alias: PRODUCT, titlelink: LINK, emoji: '', iconurl: '', text: '' },
  mattermost: {
    color: COLOR,
    username: PRODUCT,
    title: SUBJECT,
    titlelink: LINK,
    fallback: `${call('mattermost.default.title')} | ${call('mattermost.default.titlelink')}`,
    text: MARKDOWN,
  },
  email: { subject: SUBJECT, html: emailHtml() },
};

/** Mail programs know little CSS and no style sheets, so every element carries its own. */
function emailHtml(): string {
  const font = 'font-family:Helvetica,Arial,sans-serif;font-size:14px;line-height:1.5;color:#222';
  const row = (field: 'Labels' | 'Annotations') =>
    `{{range .${field}.SortedPairs}}<tr><td style="padding:1px 12px 1px 0;vertical-align:top;white-space:nowrap;color:#666">{{.Name}}</td>` +
    '<td style="padding:1px 0;vertical-align:top;overflow-wrap:anywhere">{{.Value}}</td></tr>{{end}}';
  const part = (field: 'Labels' | 'Annotations') =>
    `{{if .${field}}}<tr><td colspan="2" style="padding:4px 0 0;font-weight:bold">${field}</td></tr>${row(field)}{{end}}`;
  const block = (status: 'Firing' | 'Resolved', color: string) =>
    `{{with .Alerts.${status}}}<h2 style="margin:20px 0 8px;font-size:16px;color:${color}">${status} ({{len .}})</h2>{{range .}}` +
    `<div style="margin:0 0 12px;padding:8px 12px;border:1px solid #ddd;border-left:4px solid ${color}">` +
    `<table role="presentation" style="border-collapse:collapse;${font}">${part('Labels')}${part('Annotations')}</table>` +
    '{{if .GeneratorURL}}<a href="{{.GeneratorURL}}" style="color:#0b57d0">Source</a>{{end}}</div>{{end}}{{end}}';
  return (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>${SUBJECT}</title></head><body style="margin:0;padding:16px;background:#fff;${font}">` +
    `<div style="max-width:640px;margin:0 auto"><h1 style="margin:0 0 8px;font-size:18px">${SUBJECT}</h1>` +
    `<a href="${LINK}" style="color:#0b57d0">View alerts</a>` +
    `${block('Firing', '#b3261e')}${block('Resolved', '#1e7d32')}</div></body></html>`
  );
}

/** One template text that defines them all. */
export const DEFAULT_TEMPLATES: string = [
  ...definitions(SHARED, (name) => name),
  ...Object.entries(RECEIVERS).flatMap(([receiver, bodies]) =>
    definitions(bodies, (name) => `${receiver}.default.${name}`),
  ),
].join('\n');

function definitions(bodies: Definitions, fullName: (name: string) => string): string[] {
  return Object.entries(bodies).map(([name, body]) => `{{define "${fullName(name)}"}}${body}{{end}}`);
}
