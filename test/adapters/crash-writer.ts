import { openNodePorts } from '#shared/adapters/node/node-ports.ts';

/** Writes to every store without end, and says on standard output what was acknowledged. Made to be killed. */
const ports = await openNodePorts({ dataDir: process.argv[2] });
const say = (line: string) => process.stdout.write(`${line}\n`);

const bodyOf = (n: number) => new TextEncoder().encode(`${n} `.repeat(20_000));

async function writeObjects(): Promise<never> {
  for (let n = 0; ; n++) {
    await ports.objects.put(`made/${n % 7}/${n}`, bodyOf(n), { ifAbsent: true });
    say(`object made/${n % 7}/${n} ${n}`);
    await ports.objects.put('replaced', bodyOf(n));
    say(`object replaced ${n}`);
  }
}

async function writeRecords(): Promise<never> {
  for (let n = 0; ; n++) {
    await ports.records.transact([
      { kind: 'put', partition: 'state', sort: 'counter', data: { n } },
      { kind: 'put', partition: 'effects', sort: String(n), data: { n } },
    ]);
    say(`record ${n}`);
  }
}

async function sendMessages(): Promise<never> {
  for (let n = 0; ; n++) {
    await ports.queue('work').send([{ body: `message ${n}` }]);
    say(`message ${n}`);
  }
}

await Promise.all([writeObjects(), writeRecords(), sendMessages()]);
