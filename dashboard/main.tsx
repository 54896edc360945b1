import 'uplot/dist/uPlot.min.css';
import './styles.css';
import { render } from 'preact';
import { readSiteConfig } from './api.ts';
import { App } from './app.tsx';
import { startRouter } from './router.ts';

async function start(root: HTMLElement): Promise<void> {
  startRouter();
  await readSiteConfig();
  render(<App />, root);
}

await start(document.getElementById('app')!);
