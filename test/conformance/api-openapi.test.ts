import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, suite, test } from 'node:test';
import { parse } from 'yaml';
import { type ApiWorld, answerOf, openApiWorld } from '#test/support/api-world.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const SPEC = 'conformance/api/openapi-3.1.yaml';

/** What upstream has and we have not; asked for, it is refused by name. */
const UNSUPPORTED = new Set([
  ...['/query_cost', '/query_range_cost', '/query_exemplars', '/scrape_pools/config', '/targets/relabel_steps'],
  ...['/search/metric_names', '/search/label_names', '/search/label_values', '/read', '/write', '/otlp/v1/metrics'],
  ...['/status/tsdb/blocks', '/status/walreplay', '/status/self_metrics', '/notifications', '/notifications/live'],
  ...['/admin/tsdb/delete_series', '/admin/tsdb/clean_tombstones', '/admin/tsdb/snapshot', '/openapi.yaml'],
]);

/** Parameters with which a path answers with success. */
const PARAMETERS: Readonly<Record<string, string>> = {
  '/query': 'query=up&stats=all',
  '/query_range': `query=up&start=${NOW_MS / 1000 - 60}&end=${NOW_MS / 1000}&step=15`,
  '/format_query': 'query=up',
  '/parse_query': 'query=up',
  '/series': 'match[]=up',
};

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

interface Spec {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Record<string, Answer> }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Answer {
  readonly content?: { readonly 'application/json'?: { readonly schema: Schema } };
}

suite('the OpenAPI description of Prometheus', { skip: skipWithout(SPEC) }, () => {
  let world: ApiWorld;
  let spec: Spec;

  before(async () => {
    spec = parse(readFileSync(sharedData(SPEC)!, 'utf8'));
    world = await openApiWorld({ nowMs: NOW_MS });
    await world.write(NOW_MS - 15_000, { t: [[['__name__', 'up', 'job', 'a'], 1]] });
  });

  test('every path is there, with its methods and the shape of its answer', async (t) => {
    for (const [path, operations] of Object.entries(spec.paths)) {
      for (const [method, { responses }] of Object.entries(operations)) {
        await t.test(`${method} ${path}`, async () => {
          const { status, json } = await answerOf(ask(world, method, path));
          if (UNSUPPORTED.has(path)) return assert.deepEqual([status, json.errorType], [404, 'not_found']);
          assert.equal(status, 200, JSON.stringify(json));
          const schema = responses['200']?.content?.['application/json']?.schema;
          if (schema !== undefined) assert.deepEqual(problemsOf(json, schema, spec, '$'), []);
        });
      }
    }
  });
});

function ask(world: ApiWorld, method: string, path: string): Promise<Response> {
  const url = `/api/v1${path.replace('{name}', 'job')}`;
  const parameters = PARAMETERS[path] ?? '';
  if (method === 'get') return world.get(`${url}?${parameters}`);
  return world.ask(url, { method: method.toUpperCase(), body: new URLSearchParams(parameters) });
}

/** Where a value is not as the schema says; only the keywords that the description uses. */
function problemsOf(value: unknown, schema: Schema, spec: Spec, at: string): string[] {
  if (schema.$ref !== undefined) {
    return problemsOf(value, spec.components.schemas[schema.$ref.split('/').at(-1)!], spec, at);
  }
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) {
    const fits = choices.some((choice) => problemsOf(value, choice, spec, at).length === 0);
    return fits ? [] : [`${at}: fits none of the choices`];
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${at}: ${value} is not of the enumeration`];
  if (!isOfType(value, schema.type)) return [`${at}: is not of type ${schema.type}`];
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => (schema.items ? problemsOf(item, schema.items, spec, `${at}[${i}]`) : []));
  }
  return typeof value === 'object' && value !== null ? problemsOfObject(value, schema, spec, at) : [];
}

function problemsOfObject(value: object, schema: Schema, spec: Spec, at: string): string[] {
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
  const members = Object.entries(value).flatMap(([name, member]) => {
    const place = `${at}.${name}`;
    const known = schema.properties?.[name];
    if (known !== undefined) return problemsOf(member, known, spec, place);
    if (typeof schema.additionalProperties === 'object')
      return problemsOf(member, schema.additionalProperties, spec, place);
    return schema.additionalProperties === false ? [`${place}: is not known`] : [];
  });
  return [...missing.map((name) => `${at}.${name}: is missing`), ...members];
}

function isOfType(value: unknown, type: Schema['type']): boolean {
  if (type === undefined) return true;
  const actual = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return [type].flat().some((wanted) => wanted === actual || (wanted === 'integer' && Number.isInteger(value)));
}
