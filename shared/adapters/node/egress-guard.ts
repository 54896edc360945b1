import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { HttpRequestError } from '#shared/ports/http-client.ts';
import { classifyAddress, type EgressPolicy, isAllowed } from './egress-policy.ts';
import { parseIp } from './ip-address.ts';

/** Finds the addresses of a host name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Decides where connections may go, on the addresses that are then connected to. */
export interface EgressGuard {
  /** Checks a host that is an address itself: Node asks no `lookup` for those. Others pass, for `lookup` to check.
   *  @throws {HttpRequestError} Of kind `blocked`. */
  checkLiteral(host: string): void;
  /** The addresses of a host, all of them allowed.
   *  @throws {HttpRequestError} Of kind `blocked` when one is not, `dns` when there are none. */
  resolve(host: string): Promise<readonly string[]>;
  /** The same as `node:net` wants it. */
  readonly lookup: LookupFunction;
}

/** Makes the guard of a policy. @param resolveName @default The system's resolver. */
export function createEgressGuard(policy: EgressPolicy, resolveName: Resolve = resolveBySystem): EgressGuard {
  const check = (host: string, address: string) => {
    const kind = classifyAddress(address);
    if (isAllowed(kind, policy)) return;
    const of = host === address ? '' : ` (${address})`;
    throw new HttpRequestError('blocked', `dial tcp: "${host}"${of} is a ${kind} address, which is not allowed here`);
  };
  const resolve = async (host: string) => {
    const addresses = parseIp(host) === undefined ? await lookupNames(host, resolveName) : [host];
    for (const address of addresses) check(host, address);
    return addresses;
  };
  return {
    checkLiteral(host) {
      if (parseIp(host) !== undefined) check(host, host);
    },
    resolve,
    lookup(host, options, callback) {
      resolve(host).then(
        (addresses) => answer(addresses, options.all === true, callback),
        (error) => callback(error, ''),
      );
    },
  };
}

async function lookupNames(host: string, resolveName: Resolve): Promise<readonly string[]> {
  try {
    const addresses = await resolveName(host);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const problem = code === 'ENOTFOUND' || code === undefined ? 'no such host' : describeCode(code);
    throw new HttpRequestError('dns', `dial tcp: lookup ${host}: ${problem}`, { cause: error });
  }
  throw new HttpRequestError('dns', `dial tcp: lookup ${host}: no such host`);
}

function describeCode(code: string): string {
  return code === 'EAI_AGAIN' ? 'Temporary failure in name resolution' : code;
}

async function resolveBySystem(host: string): Promise<readonly string[]> {
  const found = await systemLookup(host, { all: true });
  return found.map(({ address }) => address);
}

function answer(addresses: readonly string[], all: boolean, callback: Parameters<LookupFunction>[2]): void {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  if (all) callback(null, found);
  else callback(null, found[0].address, found[0].family);
}
