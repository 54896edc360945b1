import type { Command, CommandFlag } from './command.ts';

/** What there is. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length), 'help'.length);
  const rows = [...commands, { name: 'help', help: 'Says how a command is used: emberwatch help COMMAND.' }];
  const lines = rows.map(({ name, help }) => `  ${name.padEnd(width)}  ${help}`);
  return `Usage: emberwatch COMMAND [flags]\n\n${lines.join('\n')}\n`;
}

/** How one command is used. */
export function usage({ name, help, positionals, flags }: Command): string {
  const entries = Object.entries(flags).map(([flag, spec]) => [flagText(flag, spec), helpOf(spec)] as const);
  const width = Math.max(...entries.map(([flag]) => flag.length), 0);
  const lines = entries.map(([flag, text]) => `  ${flag.padEnd(width)}  ${text}`);
  const begin = `Usage: emberwatch ${name}${positionals === undefined ? '' : ` ${positionals}`}`;
  return `${begin}${lines.length > 0 ? ' [flags]' : ''}\n\n${help}\n${lines.length > 0 ? `\n${lines.join('\n')}\n` : ''}`;
}

function flagText(flag: string, { type, short, value }: CommandFlag): string {
  const names = short === undefined ? `--${flag}` : `-${short}, --${flag}`;
  return type === 'boolean' ? names : `${names} ${value ?? 'VALUE'}`;
}

function helpOf({ help, default: value }: CommandFlag): string {
  return value === undefined ? help : `${help} (default: ${value})`;
}
