// Starts the local process, or says in one line why it cannot.
import { underNode24 } from '../node24.mjs';

await underNode24(import.meta.url, async (args) => {
  const { main } = await import('./main.ts');
  await main(args);
});
