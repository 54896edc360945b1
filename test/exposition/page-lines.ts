import { ExpositionError, type ExpositionFormat, type Page } from '#shared/exposition/page.ts';
import { parsePage } from '#shared/exposition/parse.ts';
import type { SeriesCache } from '#shared/exposition/series-cache.ts';
import { formatFloatPlain } from '#shared/model/float.ts';
import { formatLabels } from '#shared/model/labels.ts';

/** A page's samples in PromQL's notation: `up{job="a"} 1`, with ` @<ms>` where the page has a timestamp. */
export function pageLines({ labels, values, timestampsMs }: Page): string[] {
  return labels.map((series, i) => {
    const at = Number.isNaN(timestampsMs[i]) ? '' : ` @${timestampsMs[i]}`;
    return `${formatLabels(series)} ${formatFloatPlain(values[i])}${at}`;
  });
}

export function parseLines(input: string, format: ExpositionFormat, cache?: SeriesCache): string[] {
  return pageLines(parsePage(bytesOf(input), format, cache));
}

/** @throws When the page parses after all. */
export function parseError(input: string | Uint8Array, format: ExpositionFormat): ExpositionError {
  try {
    parsePage(typeof input === 'string' ? bytesOf(input) : input, format);
  } catch (error) {
    if (error instanceof ExpositionError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(String(input))} parses, expected an ExpositionError`);
}

/** The UTF-8 of a text, in which a character U+F7xx stands for the lone byte xx. */
export function bytesOf(text: string): Uint8Array {
  const bytes = [...text].flatMap((char) => {
    const code = char.codePointAt(0)!;
    return code >= 0xf700 && code <= 0xf7ff ? [code - 0xf700] : [...new TextEncoder().encode(char)];
  });
  return Uint8Array.from(bytes);
}
