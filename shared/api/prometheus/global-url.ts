const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/** The URL under which users may reach a target: one on this machine gets the host of our own external URL, and all of
 *  its address if the target is this server.
 *  @param own `listenAddress`: `host:port`, of this server.
 *  @see prometheus/web/api/v1/api.go getGlobalURL */
export function globalUrlOf(
  scrapeUrl: string,
  own: { readonly externalUrl: string; readonly listenAddress: string | undefined },
): string {
  const parts = /^([^:]+):\/\/(\[[^\]]*\]|[^/?#:]*)(?::([0-9]*))?(.*)$/s.exec(scrapeUrl);
  const external = /^([^:]+):\/\/((\[[^\]]*\]|[^/?#:]*)(?::[0-9]*)?)/.exec(own.externalUrl);
  if (parts === null || external === null) return scrapeUrl;
  const [, scheme, host, port, rest] = parts;
  if (!LOOPBACK.includes(host.replace(/^\[(.*)\]$/, '$1'))) return scrapeUrl;
  const [, externalScheme, externalAddress, externalHost] = external;
  if (port !== undefined && port === own.listenAddress?.split(':').at(-1)) {
    return `${externalScheme}://${externalAddress}${rest}`;
  }
  return `${scheme}://${externalHost}${port === undefined ? '' : `:${port}`}${rest}`;
}
