import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DemoApp, startDemoApp } from './app.ts';

/** The demo: an app to watch, and configuration files that point at it. */
export interface Demo {
  readonly app: DemoApp;
  readonly configFile: string;
  readonly alertmanagerFile: string;
}

const FILES = ['prometheus.yml', 'rules.yml', 'alertmanager.yml'];
const APP_PORT = 8080;

/** Starts the app on port 8080, or on another one where that is taken, and writes the configuration for it into `folder`.
 *  A restart has the app where it was, so that its series go on.
 *  @param apiPort Where this process serves its own metrics. */
export async function startDemo(folder: string, apiPort: number): Promise<Demo> {
  await mkdir(folder, { recursive: true });
  const pausedFile = join(folder, 'paused');
  const portFile = join(folder, 'app-port');
  const port = Number(await readFile(portFile, 'utf8').catch(() => APP_PORT));
  const app = await startDemoApp(port, pausedFile).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return startDemoApp(0, pausedFile);
  });
  await writeFile(portFile, String(app.port));
  for (const file of FILES) {
    const text = await readFile(fileURLToPath(new URL(file, import.meta.url)), 'utf8');
    const adapted = text
      .replaceAll('localhost:8080', `localhost:${app.port}`)
      .replaceAll('localhost:9090', `localhost:${apiPort}`);
    await writeFile(join(folder, file), adapted);
  }
  return {
    app,
    configFile: join(folder, 'prometheus.yml'),
    alertmanagerFile: join(folder, 'alertmanager.yml'),
  };
}
