import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
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
  /** From now on functions may do what the policies of their roles allow, and nothing else. Nothing can be deployed then:
   *  the emulator does not give the CDK its rights. */
  enforceRoles(enforced: boolean): Promise<void>;
  /** Ends it and removes what it wrote. */
  close(): Promise<void>;
}

/** Python runs it before the emulator. The time is the system's and the seconds that a file says. Roles are enforced while
 *  another file is there: as if requests came by TLS, which our policies ask for and the emulator does not speak, and by
 *  the actions that IAM knows. The emulator ends when the test process does, also by force. */
const SITE_CUSTOMIZATION = `
import os, sys, threading, time

system_time = time.time
parent = os.getppid()
# IAM knows no action for many messages at once.
BATCHES = {"sqs:SendMessageBatch": "sqs:SendMessage", "sqs:DeleteMessageBatch": "sqs:DeleteMessage"}

def shifted_time():
    with open(os.environ["EMULATOR_CLOCK_FILE"]) as file:
        return system_time() + float(file.read())

def take_as_encrypted(evaluator):
    if evaluator is None or hasattr(evaluator, "resolve_as_sent"):
        return
    evaluator.resolve_as_sent = evaluator._resolve_condition_key

    def resolve(key, context):
        return "true" if key.lower() == "aws:securetransport" else evaluator.resolve_as_sent(key, context)

    evaluator._resolve_condition_key = resolve

def name_as_iam_does(actions):
    if actions is None or hasattr(actions, "extract_as_asked"):
        return
    actions.extract_as_asked = actions.extract_iam_action

    def extract(*args, **named):
        action = actions.extract_as_asked(*args, **named)
        return BATCHES.get(action, action)

    actions.extract_iam_action = extract

def watch():
    while os.getppid() == parent:
        app = sys.modules.get("ministack.app")
        if app is not None:
            app.AUTH = os.path.exists(os.environ["EMULATOR_ROLES_FILE"])
        take_as_encrypted(sys.modules.get("ministack.core.iam_evaluator"))
        name_as_iam_does(sys.modules.get("ministack.core.iam_actions"))
        time.sleep(0.2)
    os._exit(1)

time.time = shifted_time
threading.Thread(target=watch, daemon=True).start()
`;

/** Starts an emulator on a free port, with nothing in it. */
export async function startTestEmulator(): Promise<TestEmulator> {
  const folder = await mkdtemp(join(tmpdir(), 'emberwatch-emulator-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const clockFile = join(folder, 'clock');
  const rolesFile = join(folder, 'roles');
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
      environment: {
        PYTHONPATH: join(folder, 'python'),
        EMULATOR_CLOCK_FILE: clockFile,
        EMULATOR_ROLES_FILE: rolesFile,
      },
    });
    return {
      environment: emulator.environment,
      nowMs: () => Date.now() + shiftMs,
      async passTime(ms) {
        shiftMs += ms;
        await writeShift();
      },
      async enforceRoles(enforced) {
        if (enforced) await writeFile(rolesFile, '');
        else await rm(rolesFile, { force: true });
        await untilRolesAre(enforced ? 'enabled' : 'disabled', emulator.environment.AWS_ENDPOINT_URL);
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

async function untilRolesAre(expected: string, endpoint: string): Promise<void> {
  const deadlineMs = Date.now() + 10_000;
  while (Date.now() < deadlineMs) {
    const health = await (await fetch(`${endpoint}/_ministack/health`)).text();
    if (health.includes(`"auth": "${expected}"`) || health.includes(`"auth":"${expected}"`)) return;
    await wait(100);
  }
  throw new Error(`Cannot enforce roles: the emulator does not say that they are ${expected}`);
}
