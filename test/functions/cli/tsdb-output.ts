import { main } from '#functions/cli/main.ts';

/** What a command printed, and how it ended. */
export interface TsdbRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `emberwatch tsdb …` in this process. */
export async function tsdb(...args: readonly string[]): Promise<TsdbRun> {
  const printed: string[] = [];
  const complaints: string[] = [];
  const code = await main(['tsdb', ...args], {
    stdout: { write: (text) => printed.push(text) },
    stderr: { write: (text) => complaints.push(text) },
  });
  return { code, stdout: printed.join(''), stderr: complaints.join('') };
}
