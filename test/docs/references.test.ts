import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { alertmanagerRoutes } from '#shared/api/alertmanager/routes.ts';
import type { ApiDeps } from '#shared/api/deps.ts';
import { operationRoutes } from '#shared/api/operations/routes.ts';
import { labelRoutes } from '#shared/api/prometheus/labels.ts';
import { queryRoutes } from '#shared/api/prometheus/query.ts';
import { ruleRoutes } from '#shared/api/prometheus/rules.ts';
import { statusRoutes } from '#shared/api/prometheus/status.ts';
import { targetRoutes } from '#shared/api/prometheus/targets.ts';
import { registryRoutes } from '#shared/api/registry/targets.ts';
import { codeSpans, DOCUMENTS, ROOT, readDocument, section, tableRows } from './documents.ts';

/** Documents name functions, files, routes and keys of stored data: each name must be there. */

const ARCHITECTURE = readDocument('ARCHITECTURE.md');

describe('documents name only what exists', () => {
  for (const path of DOCUMENTS) {
    test(`${path}: files and folders`, () => {
      const named = codeSpans(readDocument(path)).filter((span) =>
        /^(?:shared|functions|test|docs|\.ci)\/[\w./-]+$/.test(span),
      );
      // `…-rules.ts` and `functions/<name>/handler.ts` are patterns, which the expression above leaves out.
      assert.deepEqual(
        named.filter((name) => !existsSync(join(ROOT, name))),
        [],
      );
    });

    test(`${path}: links`, () => {
      const links = [...readDocument(path).matchAll(/\]\((?!https?:)([^)#]*)(?:#([\w-]+))?\)/g)];
      const broken = links.filter(([, file]) => file !== '' && !existsSync(join(ROOT, dirname(path), file)));
      assert.deepEqual(
        broken.map(([link]) => link),
        [],
      );
    });

    test(`${path}: functions of files`, () => {
      const wrong = symbolsOf(readDocument(path)).filter(({ symbol, file }) => !hasWord(readDocument(file), symbol));
      assert.deepEqual(wrong, []);
    });
  }

  test('ARCHITECTURE.md names functions of many files', () => {
    assert.ok(symbolsOf(ARCHITECTURE).length >= 45, `only ${symbolsOf(ARCHITECTURE).length} are found`);
  });
});

/** "`a` in `x.ts`", "`a` of `x.ts`", "`a`'s `b` in `x.ts`", "`a` (`x.ts`)", with several before one file. */
function symbolsOf(markdown: string): { readonly symbol: string; readonly file: string }[] {
  const mention = /((?:`\w+`(?:, |'s |\s))*`\w+`)\s+(?:in\s+|of\s+|\()`((?:shared|functions|test)\/[\w./-]+\.ts)`/g;
  return [...markdown.matchAll(mention)].flatMap(([, symbols, file]) =>
    [...symbols.matchAll(/`(\w+)`/g)].map(([, symbol]) => ({ symbol, file })),
  );
}

function hasWord(text: string, word: string): boolean {
  return text.split(/\W+/).includes(word);
}

describe('ARCHITECTURE.md: where state lives', () => {
  const rows = tableRows(section(ARCHITECTURE, '## Where state lives')).map((row) =>
    row.map((cell) => cell.replaceAll('`', '')),
  );

  test('every key is one that its file uses', () => {
    const wrong = rows.filter(([key, , file]) => {
      const text = readDocument(file);
      const literal = key.replace('<stream>', '');
      return ![`'${literal}'`, `\`${literal}`].some((quoted) => text.includes(quoted));
    });
    assert.deepEqual(wrong, []);
  });

  test('every partition that code names is there', () => {
    const declared = /(?:partition: |\b(?:PARTITION|STREAMS|OUTCOMES) = )'([a-z-]+)'/g;
    const sources = globSync('shared/**/*.ts', { cwd: ROOT, exclude: ['shared/adapters/**'] });
    const named = new Set(
      sources.flatMap((file) => [...readDocument(file).matchAll(declared)].map(([, name]) => name)),
    );
    // Leases are there for work that only one may do; nothing needs one yet.
    named.delete('lease');
    const documented = new Set(rows.map(([key]) => key));
    assert.deepEqual(
      [...named].filter((name) => !documented.has(name)),
      [],
    );
  });
});

describe('docs/http-api.md', () => {
  test('has every route with its methods, and no other', () => {
    const documented = tableRows(readDocument('docs/http-api.md'))
      .map(([route]) => route)
      .filter((route) => /^(?:GET|POST|PUT|DELETE|HEAD)/.test(route))
      .flatMap((route) =>
        codeSpans(route).flatMap((path) =>
          route
            .split('`')[0]
            .trim()
            .split(', ')
            .map((method) => `${method} ${path}`),
        ),
      );
    assert.deepEqual(documented.toSorted(), routes().toSorted());
  });

  test('other documents name only these routes', () => {
    const known = new Set(routes().map((route) => route.split(' ')[1].replaceAll(/:\w+/g, '…')));
    const named = DOCUMENTS.flatMap((path) => [
      ...readDocument(path).matchAll(/(?<![\w/.])(?:localhost:9090)?(\/(?:api\/v[12]|-)\/[\w/.-]*\w)/g),
    ]);
    const paths = new Set(named.map(([, path]) => path.replace(/\/ID$/, '/…')));
    const prefixes = [...known].map((path) => path.replace(/\/….*$/, ''));
    assert.deepEqual(
      [...paths].filter((path) => !known.has(path) && !prefixes.includes(path)),
      [],
    );
  });
});

/** All routes: `GET /api/v1/query`. Those that are there twice are given once. */
function routes(): string[] {
  const tables = [
    queryRoutes,
    labelRoutes,
    targetRoutes,
    ruleRoutes,
    statusRoutes,
    registryRoutes,
    operationRoutes,
    alertmanagerRoutes,
  ];
  // Routes look at what they work with when they are asked, not before.
  const all = tables.flatMap((table) => table({} as ApiDeps));
  const own = all.filter(({ path }) => !path.startsWith('/alertmanager/'));
  return own.flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`));
}
