import type { Secrets } from '#shared/ports/secrets.ts';

/** @param values Reference → secret. The object may change later. */
export function createMemorySecrets(values: Readonly<Record<string, string>> = {}): Secrets {
  return {
    async get(reference) {
      const secret = Object.hasOwn(values, reference) ? values[reference] : undefined;
      if (secret === undefined) throw new Error(`Cannot read secret "${reference}": there is none`);
      if (secret === '') throw new Error(`Cannot read secret "${reference}": it is empty`);
      return secret;
    },
  };
}
