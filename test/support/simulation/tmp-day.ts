import { groupGrid } from '#shared/rules/rule-key.ts';
import { DAY_START_MS, dayScenario } from '#test/support/simulation/day.ts';
import { createWorld } from '#test/support/simulation/world.ts';

for (const name of ['fleet', 'services', 'apps', 'a', 'b', 'c', 'd', 'e', 'farm'])
  console.log(name, groupGrid({ file: 'rules.yml', name, intervalMs: 15000 }).offsetMs);
const w = createWorld(dayScenario(7));
const hours = Number(process.argv[2] ?? 1);
const t = performance.now();
await w.driver.run(DAY_START_MS + hours * 3600_000);
console.log((performance.now() - t) / 1000, 's', w.driver.deliveries(), 'deliveries', w.driver.first.calls(), 'calls');
console.log(
  w.trace.lines
    .filter((l) => !l.includes(' slot '))
    .slice(0, 80)
    .join('\n'),
);
console.log(w.trace.lines.length, w.trace.slots.length);
const errs = w.ports.logger.entries.filter((e) => e.level !== 'info');
console.log(errs.length, errs.slice(0, 5));
