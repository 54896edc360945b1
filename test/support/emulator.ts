import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningEmulator, startEmulator } from '../../localstack/ministack.ts';
import { freePort } from './local-process.ts';

export { whyUnavailable } from '../../localstack/ministack.ts';

/** An emulator for one test file, with a clock that goes on at will. */
export interface TestEmulator {
  readonly environment: RunningEmulator['environment'];
  /** Unix milliseconds, as the emulator has it. */
  nowMs(): number;
  /** Lets time pass for the emulator at once. */
  passTime(ms: number): Promise<void>;
  /** Ends it and removes what it wrote. */
  close(): Promise<void>;
}

/** Python runs it before the emulator: the time is the system's and the seconds that the file says, and the emulator ends
 *  when the test process does, also by force. */
const SITE_CUSTOMIZATION = `
import os, threading, time

system_time = time.time
parent = os.getppid()

def shifted_time():
    with open(os.environ["EMULATOR_CLOCK_FILE"]) as file:
        return system_time() + float(file.read())

def end_with_parent():
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)

time.time = shifted_time
threading.Thread(target=end_with_parent, daemon=True).start()
`;

/** Starts an emulator on a free port, with nothing in it. */
export async function startTestEmulator(): Promise<TestEmulator> {
  const folder = await mkdtemp(join(tmpdir(), 'emberwatch-emulator-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const clockFile = join(folder, 'clock');
  let shiftMs = 0;
  const writeShift = async () => {
    // Renamed, so that it is never read half-written.
    await writeFile(`${clockFile}.new`, String(shiftMs / 1000));
    await rename(`${clockFile}.new`, clockFile);
  };
  await mkdir(join(folder, 'python'));
  await writeFile(join(folder, 'python', 'sitecustomize.py'), SITE_CUSTOMIZATION);
  await writeShift();
  try {
    const emulator = await startEmulator({
      port: await freePort(),
      logFile: join(folder, 'emulator.log'),
      environment: { PYTHONPATH: join(folder, 'python'), EMULATOR_CLOCK_FILE: clockFile },
    });
    return {
      environment: emulator.environment,
      nowMs: () => Date.now() + shiftMs,
      async passTime(ms) {
        shiftMs += ms;
        await writeShift();
      },
      async close() {
        await emulator.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
