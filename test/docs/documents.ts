import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The documents for people. */
export const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/http-api.md',
  'docs/aws.md',
  'docs/cost.md',
];

export function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The fenced blocks of a language, without their fences. */
export function codeBlocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text);
}

/** The texts between backticks, outside of fenced blocks. */
export function codeSpans(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text);
}

/** The part of a document from a heading to the next one of the same or a higher level.
 *  @throws {Error} When there is no such heading. */
export function section(markdown: string, heading: string): string {
  const start = markdown.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`Cannot find section "${heading}"`);
  const level = heading.indexOf(' ');
  const body = markdown.slice(start + heading.length + 2);
  const end = body.search(new RegExp(`^#{1,${level}} `, 'm'));
  return end < 0 ? body : body.slice(0, end);
}

/** The rows of all tables, as their cells' texts; headers and rules are left out. */
export function tableRows(markdown: string): string[][] {
  const tables = markdown.matchAll(/(?:^\|.*\n?)+/gm);
  return [...tables].flatMap(([table]) => table.trim().split('\n').slice(2).map(cells));
}

function cells(row: string): string[] {
  return row
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}
