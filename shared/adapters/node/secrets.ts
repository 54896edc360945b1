import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Secrets } from '#shared/ports/secrets.ts';
import { errorCode } from './durable-file.ts';

/** Reads `env:NAME` and `file:PATH`. White space around a file's content is not part of it, as in Prometheus.
 *  @param options.baseFolder What relative paths are relative to. */
export function createLocalSecrets(options: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly baseFolder: string;
}): Secrets {
  const read = async (reference: string): Promise<string | undefined> => {
    const name = reference.slice(reference.indexOf(':') + 1);
    if (reference.startsWith('env:')) return options.environment[name];
    if (reference.startsWith('file:')) return readSecretFile(reference, resolve(options.baseFolder, name));
    throw new Error(`Cannot read secret "${reference}": expected "env:NAME" or "file:PATH"`);
  };
  return {
    async get(reference) {
      const secret = await read(reference);
      if (secret === undefined) throw new Error(`Cannot read secret "${reference}": there is none`);
      if (secret === '') throw new Error(`Cannot read secret "${reference}": it is empty`);
      return secret;
    },
  };
}

async function readSecretFile(reference: string, path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new Error(`Cannot read secret "${reference}": ${errorCode(error)}`, { cause: error });
  }
}
