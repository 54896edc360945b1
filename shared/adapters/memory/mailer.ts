import type { Mail, Mailer } from '#shared/ports/mailer.ts';

/** A mailer that keeps what it was given. */
export interface MemoryMailer extends Mailer {
  /** Every accepted mail, in order; one sent twice is here twice. */
  readonly sent: readonly Mail[];
}

/** @param options.server Is shown each mail first; it refuses one by throwing a DeliveryError. */
export function createMemoryMailer(
  options: { readonly server?: (mail: Mail) => void | Promise<void> } = {},
): MemoryMailer {
  const sent: Mail[] = [];
  return {
    sent,
    async send(mail) {
      await options.server?.(mail);
      sent.push(mail);
    },
  };
}
