import { isLegacyLabelName } from '#shared/model/labels.ts';
import type { LinearRegex } from '#shared/model/regex.ts';

export type RelabelAction =
  | 'replace'
  | 'keep'
  | 'drop'
  | 'keepequal'
  | 'dropequal'
  | 'hashmod'
  | 'labelmap'
  | 'labeldrop'
  | 'labelkeep'
  | 'lowercase'
  | 'uppercase';

/** One relabelling step with its defaults filled in. @see prometheus/model/relabel/relabel.go Config */
export interface RelabelConfig {
  readonly sourceLabels: readonly string[];
  /** @default ';' */
  readonly separator: string;
  /** The text as written. @default '(.*)' */
  readonly regexText: string;
  readonly regex: LinearRegex;
  /** Of `hashmod`: ≥ 1, at most 2⁵³ − 1. @default 0 */
  readonly modulus: number;
  readonly targetLabel: string;
  /** @default '$1' */
  readonly replacement: string;
  /** @default 'replace' */
  readonly action: RelabelAction;
  /** Which label names a `replace` may write; others it leaves alone. @default 'utf8' */
  readonly nameValidation?: NameValidation;
}

/** `utf8`: any name but the empty one. `legacy`: `[a-zA-Z_][a-zA-Z0-9_]*`. */
export type NameValidation = 'utf8' | 'legacy';

/** Whether a label may be called `name`. @see prometheus/common/model/metric.go ValidationScheme.IsValidLabelName */
export function isValidLabelName(name: string, validation: NameValidation = 'utf8'): boolean {
  return validation === 'legacy' ? isLegacyLabelName(name) : name !== '' && name.isWellFormed();
}
