import { goQuote } from '#shared/model/labels.ts';
import { compileWrappedRegex } from '#shared/model/regex.ts';
import { isValidLabelName, type NameValidation, type RelabelAction, type RelabelConfig } from './relabel-config.ts';

/** A relabelling step as written in a configuration file. What is absent (`undefined`) gets its default; what is there
 *  without a value (`null`) is empty, as in Go's YAML. */
export interface RelabelConfigInput {
  readonly source_labels?: readonly string[] | null;
  readonly separator?: string | null;
  readonly regex?: string | null;
  readonly modulus?: number | null;
  readonly target_label?: string | null;
  readonly replacement?: string | null;
  /** In any case. */
  readonly action?: string | null;
}

const ACTIONS: readonly string[] = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] satisfies RelabelAction[];

const DEFAULT_SEPARATOR = ';';
const DEFAULT_REGEX = '(.*)';
const DEFAULT_REPLACEMENT = '$1';

/** Fills in the defaults of a relabelling step and checks it.
 *  @param options.nameValidation Which label names are valid: `metric_name_validation_scheme`. @default 'utf8'
 *  @throws {SyntaxError | RangeError} With Prometheus's words.
 *  @see prometheus/model/relabel/relabel.go Config.UnmarshalYAML, Validate */
export function createRelabelConfig(
  input: RelabelConfigInput,
  options: { readonly nameValidation?: NameValidation } = {},
): RelabelConfig {
  for (const name of input.source_labels ?? []) {
    if (!isValidLabelName(name)) throw new SyntaxError(`${goQuote(name)} is not a valid label name`);
  }
  const regexText = textOr(input.regex, DEFAULT_REGEX);
  const config: RelabelConfig = {
    sourceLabels: input.source_labels ?? [],
    separator: textOr(input.separator, DEFAULT_SEPARATOR),
    regexText,
    regex: compileWrappedRegex(regexText),
    modulus: parseModulus(input.modulus ?? 0),
    targetLabel: input.target_label ?? '',
    replacement: textOr(input.replacement, DEFAULT_REPLACEMENT),
    action: parseAction(input.action),
    nameValidation: options.nameValidation ?? 'utf8',
  };
  checkRequired(config);
  checkNames(config);
  checkUnused(config, input);
  return config;
}

function textOr(text: string | null | undefined, absent: string): string {
  return text === undefined ? absent : (text ?? '');
}

function parseAction(action: string | null | undefined): RelabelAction {
  if (action === undefined) return 'replace';
  if (action === null) throw new SyntaxError('relabel action cannot be empty');
  const lower = action.toLowerCase();
  if (!ACTIONS.includes(lower)) throw new SyntaxError(`unknown relabel action ${goQuote(action)}`);
  return lower as RelabelAction;
}

function parseModulus(modulus: number): number {
  if (Number.isSafeInteger(modulus) && modulus >= 0) return modulus;
  throw new RangeError(`Cannot use modulus ${modulus}: expected an integer from 0 to ${Number.MAX_SAFE_INTEGER}`);
}

type ActionSet = ReadonlySet<RelabelAction>;

const NEEDS_TARGET: ActionSet = new Set(['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal']);

function checkRequired({ action, modulus, targetLabel }: RelabelConfig): void {
  if (action === 'hashmod' && modulus === 0) {
    throw new RangeError('relabel configuration for hashmod requires non-zero modulus');
  }
  if (NEEDS_TARGET.has(action) && targetLabel === '') {
    throw new SyntaxError(`relabel configuration for ${action} action requires 'target_label' value`);
  }
}

const FIXED_REPLACEMENT: ActionSet = new Set(['lowercase', 'uppercase', 'keepequal', 'dropequal']);

function checkNames({ action, targetLabel, replacement, nameValidation }: RelabelConfig): void {
  const checkTarget = (isValid: boolean) => {
    if (!isValid) throw new SyntaxError(`${goQuote(targetLabel)} is invalid 'target_label' for ${action} action`);
  };
  if (action === 'replace') checkTarget(isValidNameTemplate(targetLabel, nameValidation));
  if (FIXED_REPLACEMENT.has(action)) {
    checkTarget(isValidLabelName(targetLabel, nameValidation));
    if (replacement !== DEFAULT_REPLACEMENT) {
      throw new SyntaxError(`'replacement' can not be set for ${action} action`);
    }
  }
  if (action === 'labelmap' && !isValidMapReplacement(replacement, nameValidation)) {
    throw new SyntaxError(`${goQuote(replacement)} is invalid 'replacement' for ${action} action`);
  }
  if (action === 'hashmod') checkTarget(isValidLabelName(targetLabel, nameValidation));
}

/** A label name, where `$1`, `${1}` and `${name}` stand for parts of one. */
function isValidNameTemplate(template: string, validation: NameValidation | undefined): boolean {
  return template.includes('$') ? isValidMapReplacement(template, validation) : isValidLabelName(template, validation);
}

function isValidMapReplacement(template: string, validation: NameValidation | undefined): boolean {
  if (validation !== 'legacy') return isValidLabelName(template);
  return /^[a-zA-Z_$]/.test(template) && /^(?:\$\{\w+\}|\$\w|\w)+$/.test(template);
}

/** Even the default is refused where `regex` is written out, as upstream has it. */
function checkUnused(config: RelabelConfig, input: RelabelConfigInput): void {
  const { action, modulus, separator, replacement, targetLabel } = config;
  const othersSet = modulus !== 0 || separator !== DEFAULT_SEPARATOR || replacement !== DEFAULT_REPLACEMENT;
  if ((action === 'dropequal' || action === 'keepequal') && (othersSet || input.regex !== undefined)) {
    throw new SyntaxError(`${action} action requires only 'source_labels' and \`target_label\`, and no other fields`);
  }
  if (action !== 'labeldrop' && action !== 'labelkeep') return;
  const hasSourceLabels = (input.source_labels ?? undefined) !== undefined;
  if (othersSet || targetLabel !== '' || hasSourceLabels) {
    throw new SyntaxError(`${action} action requires only 'regex', and no other fields`);
  }
}
