import { buildApp } from './build-app.ts';
import { describeBundles } from './bundle.ts';

/** `npx cdk synth`: makes the app, or ends with what is wrong with the configuration or the context. */
try {
  const { app, bundles } = await buildApp();
  app.synth();
  process.stderr.write(describeBundles(bundles));
} catch (error) {
  process.stderr.write(`emberwatch: ${(error as Error).message}\n`);
  process.exit(1);
}
