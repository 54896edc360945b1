import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Command, UsageError } from '#functions/cli/command.ts';
import { main } from '#functions/cli/main.ts';

const ran: unknown[] = [];
const command = (name: string, more: Partial<Command> = {}): Command => ({
  name,
  help: `Does ${name}.`,
  flags: {
    size: { type: 'string', value: 'N', help: 'How large.', default: '3' },
    deep: { type: 'boolean', help: 'All.' },
  },
  async run(args) {
    ran.push([name, { ...args.flags }, args.positionals]);
    return 0;
  },
  ...more,
});

const COMMANDS = [
  command('tsdb'),
  command('tsdb list', { positionals: 'FOLDER' }),
  command('fail', { run: () => Promise.reject(new Error('Cannot do it')) }),
  command('misuse', { run: () => Promise.reject(new UsageError('misuse: no')) }),
];

async function run(args: readonly string[]) {
  let out = '';
  let err = '';
  const io = { stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (err += text) } };
  return { code: await main(args, io, COMMANDS), out, err };
}

test('main() runs the command with the longest name that fits, with its flags', async () => {
  ran.length = 0;
  await run(['tsdb', '--size', '4']);
  await run(['tsdb', 'list', 'data', '--deep']);
  assert.deepEqual(ran, [
    ['tsdb', { size: '4', deep: undefined }, []],
    ['tsdb list', { size: '3', deep: true }, ['data']],
  ]);
});

test('main() helps', async () => {
  for (const args of [['--help'], ['help'], ['-h']]) {
    const { code, out } = await run(args);
    assert.equal(code, 0);
    assert.match(out, /tsdb list {2}Does tsdb list\./);
  }
  for (const args of [
    ['help', 'tsdb', 'list'],
    ['tsdb', 'list', '--help'],
  ]) {
    const { code, out } = await run(args);
    assert.equal(code, 0);
    assert.match(
      out,
      /^Usage: emberwatch tsdb list FOLDER \[flags\]\n\nDoes tsdb list\.\n\n {2}--size N {2}How large\. \(default: 3\)\n/,
    );
  }
});

test('main() says in one line what is wrong', async () => {
  const cases: readonly (readonly [args: readonly string[], code: number, expected: RegExp])[] = [
    [[], 2, /^emberwatch: no command, expected one of tsdb, tsdb list, fail, misuse, or --help\n$/],
    [['nothing'], 2, /^emberwatch: unknown command "nothing", expected one of tsdb, .*\n$/],
    [['help', 'nothing'], 2, /^emberwatch: unknown command "nothing".*\n$/],
    [['tsdb', '--sise=1'], 2, /^emberwatch: tsdb: Unknown option '--sise'.*; see "emberwatch help tsdb"\n$/],
    [['tsdb', 'more'], 2, /^emberwatch: tsdb: Unexpected argument 'more'.*\n$/],
    [['misuse'], 2, /^emberwatch: misuse: no\n$/],
    [['fail'], 1, /^emberwatch: Cannot do it\n$/],
  ];
  for (const [args, code, expected] of cases) {
    const result = await run(args);
    assert.equal(result.code, code, args.join(' '));
    assert.match(result.err, expected);
    assert.equal(result.out, '');
  }
});

test('start.mjs ends with the exit code', async () => {
  const script = fileURLToPath(new URL('../../../functions/cli/start.mjs', import.meta.url));
  const start = (...args: string[]) => promisify(execFile)(process.execPath, [script, ...args]);
  assert.match((await start('help', 'cost')).stdout, /--simulate LOAD/);
  await assert.rejects(start('cost', '--simulate', 'targets=1'), { code: 2, stderr: /"series" is missing/ });
});
