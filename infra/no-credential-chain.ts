/** Stands in bundles for the SDK's search for credentials, which comes when the environment has none. */
export function defaultProvider(): () => Promise<never> {
  return () =>
    Promise.reject(new Error('Cannot sign request: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set'));
}
