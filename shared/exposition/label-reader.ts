import type { PageBuilder } from './page-builder.ts';
import type { SeriesOffsets } from './series-labels.ts';
import type { SampleLexer } from './token.ts';

/** Reads what stands between the braces of a series, up to and with `}`, adding to `offsets`. A quoted string without a
 *  value is the metric's name.
 *  @param options.commas Whether labels must be parted by commas: OpenMetrics says so, the text format takes none too.
 *  @see prometheus/model/textparse/promparse.go parseLVals */
export function readLabels(
  lexer: SampleLexer,
  page: PageBuilder,
  offsets: SeriesOffsets,
  options: { readonly commas: boolean },
): void {
  let token = lexer.label();
  while (token !== 'BCLOSE') {
    if (token !== 'LNAME' && token !== 'QSTRING') page.unexpected('expected label name', token, lexer);
    const quoted = token === 'QSTRING' ? 1 : 0;
    const start = lexer.start + quoted;
    const end = lexer.end - quoted;
    token = lexer.label();
    if (quoted === 1 && (token === 'COMMA' || token === 'BCLOSE')) {
      setMetricName(lexer, page, offsets, start, end);
      if (token === 'COMMA') token = lexer.label();
      continue;
    }
    if (token !== 'EQUAL') page.unexpected('expected equal', token, lexer);
    token = lexer.labelValue();
    if (token !== 'LVALUE') page.unexpected('expected label value', token, lexer);
    if (!page.source.isUtf8(lexer.start, lexer.end)) {
      page.refuse(`invalid UTF-8 label value: ${page.source.quote(lexer.start, lexer.end)}`);
    }
    offsets.add(start, end);
    offsets.add(lexer.start + 1, lexer.end - 1);
    token = lexer.label();
    if (token === 'COMMA') token = lexer.label();
    else if (options.commas && token !== 'BCLOSE') page.unexpected('expected comma or brace close', token, lexer);
  }
}

function setMetricName(
  lexer: SampleLexer,
  page: PageBuilder,
  offsets: SeriesOffsets,
  start: number,
  end: number,
): void {
  if (offsets.nameStart !== -1) {
    page.refuse(`metric name already set while parsing: ${page.source.quote(page.entryStart, lexer.end)}`);
  }
  offsets.nameStart = start;
  offsets.nameEnd = end;
}
