import { isIP } from 'node:net';

/** The bytes of an IP address: 4 or 16, a zone left out; `undefined` when the text is none. */
export function parseIp(text: string): Uint8Array | undefined {
  const [address] = text.split('%', 1);
  switch (isIP(address)) {
    case 4:
      return Uint8Array.from(address.split('.'), Number);
    case 6:
      return parseIpv6(address);
    default:
      return undefined;
  }
}

function parseIpv6(address: string): Uint8Array {
  const [head, tail] = address.split('::');
  const start = groupsOf(head);
  const end = groupsOf(tail ?? '');
  const bytes = new Uint8Array(16);
  bytes.set(start, 0);
  bytes.set(end, 16 - end.length);
  return bytes;
}

/** The bytes of `2001:db8` or `ffff:127.0.0.1`. */
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** A range of addresses: `10.0.0.0/8`. */
export interface IpRange {
  readonly bytes: Uint8Array;
  readonly prefixBits: number;
}

/** @throws {TypeError} When the text is not an address, a slash and a number of bits. */
export function parseIpRange(text: string): IpRange {
  const [address, bits] = text.split('/');
  const bytes = parseIp(address);
  const prefixBits = Number(bits);
  if (bytes === undefined || !Number.isInteger(prefixBits) || prefixBits < 0 || prefixBits > bytes.length * 8) {
    throw new TypeError(`Cannot parse IP range "${text}": expected an address, "/" and a number of bits`);
  }
  return { bytes, prefixBits };
}

/** Whether the address is of the range's family and in the range. */
export function isInRange(address: Uint8Array, { bytes, prefixBits }: IpRange): boolean {
  if (address.length !== bytes.length) return false;
  const whole = prefixBits >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== bytes[i]) return false;
  const rest = prefixBits & 7;
  return rest === 0 || (address[whole] ^ bytes[whole]) >> (8 - rest) === 0;
}
