/** What a page of the dashboard may do: run its own files and ask its own origin, nothing else. uPlot and Preact set styles
 *  through the DOM, which this allows; no markup is ever made of text. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The headers of every file of the dashboard. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  // A header only: in a document's own meta element browsers ignore frame-ancestors.
  'content-security-policy': `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};
