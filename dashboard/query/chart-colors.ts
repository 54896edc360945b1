/** Lines stand out from white and from near black alike; neighbours differ in lightness too. */
const PALETTE = [
  '#e8590c',
  '#1c7ed6',
  '#2f9e44',
  '#ae3ec9',
  '#e0a800',
  '#0c8599',
  '#e03131',
  '#6741d9',
  '#66a80f',
  '#d6336c',
  '#4c8dff',
  '#a0662c',
];

/** The colour of a series by its place in the result; colours repeat. */
export function seriesColor(index: number): string {
  return PALETTE[index % PALETTE.length];
}
