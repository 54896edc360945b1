import { parseArgs } from 'node:util';
import { type Command, type CommandArgs, type CommandIo, optionsOf, UsageError } from './command.ts';
import { COMMANDS } from './commands.ts';
import { overview, usage } from './help.ts';

const FAILED = 1;
const MISUSED = 2;

/** Does what the command line says. @returns The exit code: 0, 1 when it failed, 2 when it was used wrongly. */
export async function main(
  args: readonly string[],
  io: CommandIo,
  commands: readonly Command[] = COMMANDS,
): Promise<number> {
  try {
    return await dispatch(args, io, commands);
  } catch (error) {
    const { message } = error as Error;
    io.stderr.write(`emberwatch: ${message}\n`);
    return error instanceof UsageError ? MISUSED : FAILED;
  }
}

async function dispatch(args: readonly string[], io: CommandIo, commands: readonly Command[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) throw new UsageError(`no command, expected one of ${namesOf(commands)}, or --help`);
  if (first === '--help' || first === '-h' || (first === 'help' && rest.length === 0)) {
    io.stdout.write(overview(commands));
    return 0;
  }
  if (first === 'help') {
    io.stdout.write(usage(findCommand(rest, commands)));
    return 0;
  }
  const command = findCommand(args, commands);
  const own = args.slice(command.name.split(' ').length);
  const end = own.indexOf('--');
  if (own.slice(0, end < 0 ? undefined : end).some((arg) => arg === '--help' || arg === '-h')) {
    io.stdout.write(usage(command));
    return 0;
  }
  return command.run(readArgs(command, own), io);
}

/** The command with the longest name that the words begin with. */
function findCommand(words: readonly string[], commands: readonly Command[]): Command {
  const fitting = commands.filter(({ name }) => name.split(' ').every((word, i) => words[i] === word));
  const found = fitting.toSorted((a, b) => b.name.length - a.name.length)[0];
  if (found === undefined) throw new UsageError(`unknown command "${words[0]}", expected one of ${namesOf(commands)}`);
  return found;
}

function readArgs(command: Command, args: readonly string[]): CommandArgs {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: optionsOf(command),
      allowPositionals: command.positionals !== undefined,
    });
    const defaults = Object.entries(command.flags).map(([name, flag]) => [name, flag.default]);
    return { flags: { ...Object.fromEntries(defaults), ...values }, positionals };
  } catch (cause) {
    // Node's messages have a second sentence of advice for programmers.
    const [problem] = (cause as Error).message.split('. ');
    throw new UsageError(`${command.name}: ${problem}; see "emberwatch help ${command.name}"`, { cause });
  }
}

function namesOf(commands: readonly Command[]): string {
  return commands.map(({ name }) => name).join(', ');
}
