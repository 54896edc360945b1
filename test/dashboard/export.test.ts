import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueryData } from '../../dashboard/api-types.ts';
import { toCsv } from '../../dashboard/query/export.ts';

test('toCsv() writes a row a sample, quoted where needed, and never a formula', () => {
  const cases: readonly (readonly [data: QueryData, expected: string])[] = [
    [
      {
        resultType: 'vector',
        result: [
          { metric: { __name__: 'up', job: 'a,"b"' }, value: [1.5, '1'] },
          { metric: { __name__: 'up', env: '=1+1' }, value: [1.5, '-Inf'] },
        ],
      },
      '__name__,env,job,time,value\r\nup,,"a,""b""",1.5,1\r\nup,\'=1+1,,1.5,-Inf\r\n',
    ],
    [
      {
        resultType: 'matrix',
        result: [{ metric: {}, values: [[1, '-2'] as const, [2, '3'] as const] }, { metric: {} }],
      },
      'time,value\r\n1,-2\r\n2,3\r\n',
    ],
    [{ resultType: 'scalar', result: [1, '4'] }, 'time,value\r\n1,4\r\n'],
    [{ resultType: 'string', result: [1, '@x'] }, "time,value\r\n1,'@x\r\n"],
  ];
  for (const [data, expected] of cases) assert.equal(toCsv(data), expected);
});
