#!/usr/bin/env node
// Starts the command line, or says in one line why it cannot.
import { underNode24 } from '../node24.mjs';

// Whoever reads has seen enough, as `head`: end quietly, with the code of a program that SIGPIPE ended.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(141);
  throw error;
});

await underNode24(import.meta.url, async (args) => {
  const { main } = await import('./main.ts');
  process.exitCode = await main(args, process);
});
