/** Writes nanoseconds as Go's time.Duration does: `1h2m3.5s`, `1.5µs`, `0s`. */
export function durationText(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${fraction(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${fraction(size, 6)}ms`;
  const seconds = size / 1_000_000_000n;
  const hours = seconds / 3600n;
  const minutes = (seconds / 60n) % 60n;
  const rest = fraction(size % 60_000_000_000n, 9);
  if (hours > 0n) return `${sign}${hours}h${minutes}m${rest}s`;
  return minutes > 0n ? `${sign}${minutes}m${rest}s` : `${sign}${rest}s`;
}

/** `value` ÷ 10^digits without trailing zeros. */
function fraction(value: bigint, digits: number): string {
  const text = value.toString().padStart(digits + 1, '0');
  const decimals = text.slice(-digits).replace(/0+$/, '');
  const whole = text.slice(0, -digits);
  return decimals === '' ? whole : `${whole}.${decimals}`;
}
