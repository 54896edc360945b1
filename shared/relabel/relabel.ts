import type { Labels } from '#shared/model/labels.ts';
import { goLowerCase, goUpperCase } from '#shared/model/letter-case.ts';
import { hashMod } from './hashmod.ts';
import { LabelsBuilder } from './labels-builder.ts';
import { isValidLabelName, type RelabelConfig } from './relabel-config.ts';

/** Applies relabelling steps in their order.
 *  @returns The new label set, `labels` itself when no step changed it, or `undefined` when a step dropped it.
 *  @see prometheus/model/relabel/relabel.go ProcessBuilder */
export function relabel(labels: Labels, configs: readonly RelabelConfig[]): Labels | undefined {
  if (configs.length === 0) return labels;
  const builder = new LabelsBuilder(labels);
  return relabelBuilder(builder, configs) ? builder.labels() : undefined;
}

/** As `relabel`, on a builder. @returns Whether to keep the labels; after false the builder is of no use. */
export function relabelBuilder(builder: LabelsBuilder, configs: readonly RelabelConfig[]): boolean {
  for (const config of configs) if (!applyStep(builder, config)) return false;
  return true;
}

function applyStep(builder: LabelsBuilder, config: RelabelConfig): boolean {
  const { action, regex, targetLabel } = config;
  switch (action) {
    case 'drop':
      return !regex.matches(sourceValue(builder, config));
    case 'keep':
      return regex.matches(sourceValue(builder, config));
    case 'dropequal':
      return builder.get(targetLabel) !== sourceValue(builder, config);
    case 'keepequal':
      return builder.get(targetLabel) === sourceValue(builder, config);
    case 'replace':
      replace(builder, config);
      return true;
    case 'lowercase':
      builder.set(targetLabel, goLowerCase(sourceValue(builder, config)));
      return true;
    case 'uppercase':
      builder.set(targetLabel, goUpperCase(sourceValue(builder, config)));
      return true;
    case 'hashmod':
      builder.set(targetLabel, String(hashMod(sourceValue(builder, config), config.modulus)));
      return true;
    case 'labelmap':
      mapLabels(builder, config);
      return true;
    case 'labeldrop':
      deleteLabels(builder, (name) => regex.matches(name));
      return true;
    case 'labelkeep':
      deleteLabels(builder, (name) => !regex.matches(name));
      return true;
  }
}

/** The values of the source labels, joined. */
function sourceValue(builder: LabelsBuilder, { sourceLabels, separator }: RelabelConfig): string {
  let value = '';
  for (let i = 0; i < sourceLabels.length; i++) {
    if (i > 0) value += separator;
    value += builder.get(sourceLabels[i]);
  }
  return value;
}

function replace(builder: LabelsBuilder, config: RelabelConfig): void {
  const value = sourceValue(builder, config);
  const target = config.regex.expand(value, config.targetLabel);
  if (target === undefined || !isValidLabelName(target, config.nameValidation)) return;
  builder.set(target, config.regex.expand(value, config.replacement) ?? '');
}

/** Copies the values of matching labels; of several with one new name the last wins. */
function mapLabels(builder: LabelsBuilder, { regex, replacement }: RelabelConfig): void {
  const pairs = builder.snapshot();
  for (let i = 0; i < pairs.length; i += 2) {
    const name = regex.expand(pairs[i], replacement);
    if (name !== undefined) builder.set(name, pairs[i + 1]);
  }
}

function deleteLabels(builder: LabelsBuilder, isUnwanted: (name: string) => boolean): void {
  const pairs = builder.snapshot();
  for (let i = 0; i < pairs.length; i += 2) if (isUnwanted(pairs[i])) builder.delete(pairs[i]);
}
