import { getLabel, type Labels } from '#shared/model/labels.ts';
import { alertmanagerData, type NotificationData } from './alertmanager-data.ts';
import { alertmanagerFunctions } from './alertmanager-functions.ts';
import { DEFAULT_TEMPLATES } from './default-templates.ts';
import { DEFAULT_LIMITS, type TemplateLimits } from './limits.ts';
import { createTemplateSet, type TemplateSet } from './template.ts';
import { FunctionError, TemplateError } from './template-error.ts';
import { STRING, type TemplateFunction } from './value.ts';

export interface TemplateFile {
  readonly path: string;
  readonly text: string;
}

export interface AlertmanagerTemplatesOptions {
  /** Unix milliseconds; what the functions `now` and `since` see. */
  readonly nowMs: () => number;
  readonly limits?: Partial<TemplateLimits>;
}

/** Renders the texts of receivers. */
export interface AlertmanagerTemplates {
  /** @throws {TemplateError} */
  text(template: string, data: NotificationData): string;
  /** Escapes values for the HTML around them.
   *  @throws {TemplateError} */
  html(template: string, data: NotificationData): string;
}

/** The default templates and those of files, which may redefine them. A file's own text is the template of its base name.
 *  @param files In the order in which they are read.
 *  @throws {TemplateError} When a file does not parse.
 *  @see alertmanager/template/template.go */
export function createAlertmanagerTemplates(
  files: readonly TemplateFile[],
  options: AlertmanagerTemplatesOptions,
): AlertmanagerTemplates {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const functions = new Map<string, TemplateFunction>([
    ...alertmanagerFunctions({ nowMs: options.nowMs, maxLength: limits.maxOutputLength }),
    // Only so that files which use it parse; each notification brings its own.
    ['routeLabels', { params: [STRING], call: () => '' }],
  ]);
  const set = createTemplateSet({ functions, limits });
  set.parse('', DEFAULT_TEMPLATES);
  for (const { path, text } of files) set.parse(baseName(path), text);
  return {
    text: (template, data) => render(set, template, data, 'text'),
    html: (template, data) => render(set, template, data, 'html'),
  };
}

function baseName(path: string): string {
  return path.replace(/^.*[\\/]/, '');
}

function render(set: TemplateSet, template: string, data: NotificationData, mode: 'text' | 'html'): string {
  if (template === '') return '';
  const value = alertmanagerData(data);
  const run = (text: string): string =>
    mode === 'html' ? set.executeHtml(text, value, { functions }) : set.executeText(text, value, { functions });
  const functions = new Map([['routeLabels', routeLabelsFunction(data.routeLabels, run)]]);
  return run(template);
}

/** `routeLabels "x"`: a route's label may itself be a template, which may refer to others; each is rendered once. */
function routeLabelsFunction(labels: Labels, run: (text: string) => string): TemplateFunction {
  const rendered = new Map<string, string>();
  const pending: string[] = [];
  const resolve = (name: string): string => {
    const known = rendered.get(name);
    if (known !== undefined) return known;
    if (pending.includes(name))
      throw new FunctionError(`route label cycle detected: ${[...pending, name].join(' -> ')}`);
    pending.push(name);
    const text = getLabel(labels, name);
    const value = text === '' ? '' : runLabel(run, text);
    pending.pop();
    rendered.set(name, value);
    return value;
  };
  return { params: [STRING], call: (name) => resolve(name as string) };
}

function runLabel(run: (text: string) => string, text: string): string {
  try {
    return run(text);
  } catch (cause) {
    if (cause instanceof TemplateError) throw new FunctionError(cause.message, { cause });
    throw cause;
  }
}
