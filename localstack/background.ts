import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, isHealthy, startEmulator, stopProcess } from './ministack.ts';

/** Leaves an emulator running in the background, unless one answers on the port already. */
export async function startInBackground(port: number, say: (line: string) => void): Promise<void> {
  if (await isHealthy(port)) {
    say(`An emulator is running on port ${port} already`);
    return;
  }
  const logFile = join(cacheFolder(), `emulator-${port}.log`);
  say(`Starting the emulator; the first time it is installed into ${cacheFolder()}, which takes a minute`);
  await mkdir(cacheFolder(), { recursive: true });
  const { pid } = await startEmulator({ port, logFile, detached: true });
  await writeFile(pidFile(port), `${pid}\n`);
  say(`The emulator is process ${pid} on port ${port}, its log is ${logFile}`);
}

/** Stops the emulator that `startInBackground` left there.
 *  @throws {Error} When there is none. */
export async function stopInBackground(port: number, say: (line: string) => void): Promise<void> {
  const pid = Number(await readFile(pidFile(port), 'utf8').catch(() => ''));
  if (!(pid > 0)) throw new Error(`Cannot stop emulator: none was started on port ${port} by this script`);
  // The number may be another process's by now: only an emulator answers there.
  if (await isHealthy(port)) await stopProcess(pid);
  await rm(pidFile(port), { force: true });
  say(`The emulator on port ${port} is stopped`);
}

function pidFile(port: number): string {
  return join(cacheFolder(), `emulator-${port}.pid`);
}
