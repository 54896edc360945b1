import { isInRange, parseIp, parseIpRange } from './ip-address.ts';

/** Which addresses that are not on the public Internet may be connected to. Metadata services and addresses that stand for
 *  no single host never may. */
export interface EgressPolicy {
  readonly allowLoopback: boolean;
  /** RFC 1918, carrier NAT, unique local. */
  readonly allowPrivate: boolean;
  readonly allowLinkLocal: boolean;
}

/** On the user's own machine: what it runs and what its network has. */
export const LOCAL_EGRESS: EgressPolicy = { allowLoopback: true, allowPrivate: true, allowLinkLocal: false };

/** In a function: loopback is the runtime's own API. Private addresses are what a VPC is connected for. */
export const CLOUD_EGRESS: EgressPolicy = { allowLoopback: false, allowPrivate: true, allowLinkLocal: false };

export type AddressClass = 'public' | 'loopback' | 'private' | 'link-local' | 'metadata' | 'reserved';

/** The first range that an address is in decides. */
const CLASSES: readonly (readonly [AddressClass, ...string[]])[] = [
  // AWS (instances, tasks, pods, DNS), Alibaba, Azure, Oracle, and AWS and Google by IPv6.
  ['metadata', '169.254.169.0/24', '169.254.170.0/24', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32'],
  ['metadata', 'fd00:ec2::/32', 'fd20:ce::254/128'],
  ['link-local', '169.254.0.0/16', 'fe80::/10'],
  // 0.0.0.0 connects to this host.
  ['loopback', '127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'],
  [
    'private',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '100.64.0.0/10',
    '198.18.0.0/15',
    'fc00::/7',
    'fec0::/10',
  ],
  // Multicast, broadcast, protocol assignments, Teredo (hides an address), local NAT64 (of no fixed form), discard.
  ['reserved', '192.0.0.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ['reserved', 'ff00::/8', '2001::/32', '64:ff9b:1::/48', '100::/64'],
];

const RANGES = CLASSES.flatMap(([kind, ...texts]) => texts.map((text) => ({ kind, range: parseIpRange(text) })));

/** IPv6 ranges that carry an IPv4 address, with its offset: mapped, translated, compatible, NAT64, 6to4. */
const CARRIERS = (
  [
    ['::ffff:0:0/96', 12],
    ['::ffff:0:0:0/96', 12],
    ['::/96', 12],
    ['64:ff9b::/96', 12],
    ['2002::/16', 2],
  ] as const
).map(([text, offset]) => ({ range: parseIpRange(text), offset }));

/** What kind of address it is; one that carries another is of that one's kind. Text that is no address is `reserved`. */
export function classifyAddress(address: string): AddressClass {
  const bytes = parseIp(address);
  return bytes === undefined ? 'reserved' : classifyBytes(bytes);
}

function classifyBytes(bytes: Uint8Array): AddressClass {
  const own = RANGES.find(({ range }) => isInRange(bytes, range))?.kind;
  if (own !== undefined) return own;
  const carried = carriedAddress(bytes);
  return carried === undefined ? 'public' : classifyBytes(carried);
}

function carriedAddress(bytes: Uint8Array): Uint8Array | undefined {
  const carrier = CARRIERS.find(({ range }) => isInRange(bytes, range));
  if (carrier !== undefined) return bytes.subarray(carrier.offset, carrier.offset + 4);
  return isIsatap(bytes) ? bytes.subarray(12) : undefined;
}

/** @see RFC 5214, section 6.1 */
function isIsatap(bytes: Uint8Array): boolean {
  return bytes.length === 16 && (bytes[8] & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}

/** Whether the policy lets an address be connected to. */
export function isAllowed(kind: AddressClass, policy: EgressPolicy): boolean {
  switch (kind) {
    case 'public':
      return true;
    case 'loopback':
      return policy.allowLoopback;
    case 'private':
      return policy.allowPrivate;
    case 'link-local':
      return policy.allowLinkLocal;
    case 'metadata':
    case 'reserved':
      return false;
  }
}
