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
  /** @default 0 */
  readonly modulus: number;
  readonly targetLabel: string;
  /** @default '$1' */
  readonly replacement: string;
  /** @default 'replace' */
  readonly action: RelabelAction;
}
