/** What a lexer found, by the names that Prometheus's error messages print. */
export type Token =
  | 'INVALID'
  | 'EOF'
  | 'LINEBREAK'
  | 'HELP'
  | 'TYPE'
  | 'UNIT'
  | 'EOFWORD'
  | 'TEXT'
  | 'COMMENT'
  | 'MNAME'
  | 'QSTRING'
  | 'BOPEN'
  | 'BCLOSE'
  | 'LNAME'
  | 'LVALUE'
  | 'COMMA'
  | 'EQUAL'
  | 'TIMESTAMP'
  | 'VALUE';

/** Cuts a page into tokens. What a text means depends on where it stands, so each place has its method; the parser always
 *  knows the place. A token is the bytes from `start` to `end`. After `INVALID`, `end` is the first byte that does not fit;
 *  at `EOF`, `start` is still that of the token before. */
export interface SampleLexer {
  readonly start: number;
  readonly end: number;
  /** Within the braces of a series: a name, a quoted string, `=`, `,` or `}`. */
  label(): Token;
  /** After `=` within the braces of a series. */
  labelValue(): Token;
  /** After a metric name or its labels: the value, or `{`. */
  value(): Token;
}
