import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A key and a certificate for it, both PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate that signs itself, so that no key has to be kept in the repository.
 *  @param names DNS names that it is for. @param years First and last, four digits. */
export function makeIdentity(
  names: readonly string[],
  years: { from: number; to: number } = { from: 2001, to: 2099 },
): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const body = certificateBody(names, years, publicKey);
  const signature = createSign('sha256').update(body).sign(privateKey);
  const certificate = sequence(body, ECDSA_WITH_SHA256, bitString(signature));
  const lines = Buffer.from(certificate)
    .toString('base64')
    .match(/.{1,64}/g)!;
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

/** X.509, as little of it as TLS needs. @see RFC 5280, section 4.1 */
function certificateBody(
  names: readonly string[],
  years: { from: number; to: number },
  publicKey: KeyObject,
): Uint8Array {
  const name = sequence(tagged(0x31, sequence(oid(0x55, 4, 3), tagged(0x0c, text(names[0])))));
  const alternatives = sequence(...names.map((dnsName) => tagged(0x82, text(dnsName))));
  const extensions = sequence(
    sequence(oid(0x55, 29, 17), tagged(0x04, alternatives)),
    sequence(oid(0x55, 29, 19), tagged(0x04, sequence(tagged(0x01, Uint8Array.of(0xff))))),
  );
  return sequence(
    tagged(0xa0, integer(2)),
    integer(1),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(years.from), time(years.to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, extensions),
  );
}

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));

/** DER: tag, length, value. */
function tagged(tag: number, value: Uint8Array): Uint8Array {
  const { length } = value;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Uint8Array.of(tag, ...size, ...value);
}

function sequence(...parts: Uint8Array[]): Uint8Array {
  return tagged(0x30, Buffer.concat(parts));
}

function oid(...bytes: number[]): Uint8Array {
  return tagged(0x06, Uint8Array.from(bytes));
}

function integer(value: number): Uint8Array {
  return tagged(0x02, Uint8Array.of(value));
}

function bitString(bytes: Uint8Array): Uint8Array {
  return tagged(0x03, Uint8Array.of(0, ...bytes));
}

function time(year: number): Uint8Array {
  return tagged(0x18, text(`${year}0101000000Z`));
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
