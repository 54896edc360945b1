import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryFiles } from '#shared/adapters/memory/files.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { type Configuration, loadConfiguration } from '#shared/config/configuration.ts';
import { discoverTargets } from '#shared/discovery/discover.ts';
import { getLabel } from '#shared/model/labels.ts';
import { parseTargetSettings } from '#shared/registry/registered-target.ts';
import { createTargetRegistry } from '#shared/registry/target-registry.ts';
import { createPlanStore } from '#shared/scrape/shard-plan.ts';
import { publicLabels } from '#shared/scrape/target.ts';
import { checkRuleTemplate } from '#shared/template/prometheus-template.ts';
import { helpText, parseFlags } from '../../functions/local/flags.ts';
import { codeBlocks, DOCUMENTS, ROOT, readDocument, section, tableRows } from './documents.ts';

const README = readDocument('README.md');

/** The example files of the README: each block begins with its path as a comment. */
const EXAMPLES = Object.fromEntries(
  codeBlocks(README, 'yaml').map((text) => [/^# (\S+)\n/.exec(text)?.[1] ?? '', text]),
);

function loadExample(): Promise<Configuration> {
  const files = createMemoryFiles(EXAMPLES);
  const paths = { prometheus: 'prometheus.yml', alertmanager: 'alertmanager.yml' };
  return loadConfiguration(paths, { files, env: () => undefined, checkTemplate: checkRuleTemplate });
}

describe('README: your own configuration', () => {
  test('has the four files and a list of targets', () => {
    const expected = ['alertmanager.yml', 'prometheus.yml', 'rules/myapp.yml', 'targets/machines.yml'];
    assert.deepEqual(Object.keys(EXAMPLES).sort(), expected);
  });

  test('loads, without a warning', async () => {
    const { prometheus, ruleGroups, alertmanager } = await loadExample();
    assert.deepEqual([...(prometheus.warnings ?? []), ...(alertmanager.warnings ?? [])], []);
    assert.deepEqual(
      prometheus.scrapeConfigs.map(({ jobName }) => jobName),
      ['myapp', 'node'],
    );
    const rules = ruleGroups.flatMap((group) => group.rules);
    assert.deepEqual(
      rules.map((rule) => (rule.kind === 'alerting' ? [rule.alert, rule.exprText, rule.forMs] : rule.record)),
      [
        'job:myapp_operations:rate5m',
        ['NoOperations', 'rate(myapp_operations_total[5m]) == 0', 600_000],
        ['TargetDown', 'up == 0', 300_000],
      ],
    );
    assert.deepEqual(
      alertmanager.receivers.map(({ name, integrations }) => [name, ...integrations.map(({ kind }) => kind)]),
      [
        ['team', 'slack', 'sns'],
        ['on-call', 'webhook', 'email', 'pagerduty'],
      ],
    );
  });

  test('finds the targets that its text promises', async () => {
    const clock = createVirtualClock(0);
    const ports = createMemoryPorts({ clock, random: createSeededRandom(1), files: EXAMPLES });
    const plans = createPlanStore(ports, () => clock.nowMs());
    const registry = createTargetRegistry(ports.records, { nowMs: () => 0, newId: () => 'id' });
    const found = await discoverTargets(await loadExample(), undefined, { files: ports.files, registry, plans });
    assert.deepEqual(found.problems, []);
    assert.deepEqual(
      found.dropped.map(({ discoveredLabels }) => getLabel(discoveredLabels, '__address__')),
      ['10.0.2.23:9100'],
    );
    const planned = await Promise.all((await plans.streams()).map(({ stream }) => plans.get(stream)));
    const labels = planned.flatMap((plan) => plan?.targets.map(publicLabels) ?? []);
    const pair = (name: string) => labels.map((all) => getLabel(all, name)).filter((value) => value !== '');
    assert.deepEqual(pair('instance').sort(), ['10.0.1.11:8080', '10.0.1.12:8080', '10.0.2.21:9100', '10.0.2.22:9100']);
    assert.deepEqual(pair('host').sort(), ['10.0.2.21', '10.0.2.22']);
  });

  test('starts with the command that is given', async () => {
    const command = codeBlocks(README, 'sh').find((text) => text.startsWith('npm start --'));
    const args = command!.replaceAll('\\\n', ' ').trim().split(/\s+/).slice(3);
    const flags = parseFlags(args);
    assert.ok(flags !== 'help');
    assert.equal(flags.configFile, 'prometheus.yml');
    assert.equal(flags.alertmanagerFile, 'alertmanager.yml');
    const { alertmanager } = await loadExample();
    const topics = alertmanager.receivers.flatMap(({ integrations }) =>
      integrations.flatMap((integration) => (integration.kind === 'sns' ? [integration.topicArn] : [])),
    );
    assert.deepEqual(
      flags.subscriptions.map(({ topicArn }) => topicArn),
      topics,
    );
  });
});

test('README: the registration in the first minute is valid', () => {
  const body = /-d '(\{[^']+\})'/.exec(README)?.[1] ?? '';
  const parsed = parseTargetSettings(JSON.parse(body), { scrapeIntervalMs: 5000, scrapeTimeoutMs: 4000 });
  assert.ok(parsed.ok, JSON.stringify(parsed));
});

test('README: the table of flags has every flag with its default', () => {
  const flags = parseFlags([]);
  assert.ok(flags !== 'help');
  const rows = tableRows(section(README, '### Flags')).map(([flag, value]) => [
    flag.replaceAll(/`|--/g, ''),
    value.replaceAll('`', ''),
  ]);
  assert.deepEqual(Object.fromEntries(rows), flags.shown);
  for (const [flag] of rows) assert.ok(helpText().includes(`--${flag} `), `--help has no --${flag}`);
});

test('README: every flag that a document names exists', () => {
  const { shown } = parseFlags([]) as { readonly shown: Readonly<Record<string, string>> };
  const named = DOCUMENTS.flatMap((path) => [...readDocument(path).matchAll(/--([a-z]+(?:[.-][a-z]+)*\.[a-z.-]+)/g)]);
  const unknown = named.map(([, flag]) => flag).filter((flag) => !Object.hasOwn(shown, flag));
  assert.deepEqual(unknown, []);
});

test('README: the table of environment variables has those that the process reads', () => {
  const sources = globSync('functions/**/*.{ts,mjs}', { cwd: ROOT }).map(readDocument).join('\n');
  // The second says to a child that it is one.
  const read = new Set([...sources.matchAll(/EMBERWATCH_[A-Z_]+/g)].map(([name]) => name));
  read.delete('EMBERWATCH_STARTED');
  const documented = tableRows(section(README, '### Environment')).map(([name]) => name.replaceAll('`', ''));
  assert.deepEqual(documented.sort(), [...read].sort());
});

test('README: npm scripts that documents name exist, and all but start are in the table of tests', () => {
  const { scripts } = JSON.parse(readDocument('package.json')) as { readonly scripts: Record<string, string> };
  const texts = DOCUMENTS.map(readDocument).join('\n');
  const run = [...texts.matchAll(/\bnpm run (?:-s )?([a-z:-]+)/g)].map(([, name]) => name);
  const short = [...texts.matchAll(/\bnpm (start|test)\b/g)].map(([, name]) => name);
  const unknown = [...run, ...short].filter((name) => !Object.hasOwn(scripts, name));
  assert.deepEqual(unknown, []);
  const commands = tableRows(section(README, '## Test it')).map(([command]) => command);
  const tests = commands.map((command) => command.replaceAll(/`|npm (?:run )?/g, ''));
  const expected = Object.keys(scripts).filter((name) => name !== 'start');
  assert.deepEqual(tests.sort(), expected.sort());
});
