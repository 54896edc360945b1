import { createWorld } from '#test/support/simulation/world.ts';
import { OUTAGE, OUTAGE_MS } from '#test/support/simulation/outage.ts';
import { groupGrid } from '#shared/rules/rule-key.ts';
for (const name of ['small','outage','pair','two','up','fleet','t']) console.log(name, groupGrid({file:'rules.yml',name,intervalMs:30000}).offsetMs);
for (let i=0;i<40;i++){
const t = performance.now();
const w = createWorld(OUTAGE);
await w.driver.run(OUTAGE.startMs + OUTAGE_MS);
console.log((performance.now()-t), 'ms', w.driver.first.calls(), 'calls');
if (i===0) { console.log(w.trace.lines.filter(l=>!l.includes(' slot rul')&&!l.includes(' slot scr')).join('\n')); console.log(w.ports.logger.entries.filter(e=>e.level!=='info'));
}}
