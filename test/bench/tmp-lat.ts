import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
const now = () => performance.timeOrigin + performance.now();
const q = (t: number[]) => { t.sort((a, b) => a - b); const p = (x: number) => t[Math.floor(t.length * x)]?.toFixed(2); return `p50 ${p(.5)} p90 ${p(.9)} p99 ${p(.99)} max ${t.at(-1)?.toFixed(1)}`; };
await using broker = await BrokerProcess.start({ isQuick: true, durability: 'fsync', dir: '/tmp', peers: [], note: () => {} } as never);
await using client = connect(broker.address);
for (let run = 0; run < 3; run++) {
  const topic = `t${run}`;
  const sub = client.subscription(topic, 's');
  await sub.create({ createTopic: true });
  const isWork = process.argv[2] === 'work';
  const consumption = isWork ? sub.consume() : undefined;
  await consumption?.started();
  const toStamp: number[] = []; const toHere: number[] = []; const toAck: number[] = []; const ackTimes: number[] = [];
  const due = new Map<string, number>();
  const N = 10000;
  let got = 0;
  const take = (value: Buffer, ts: bigint) => {
    const t = now(); const d = due.get(value.subarray(0, 8).toString('latin1')) ?? 0;
    const stamp = Number(ts) / 1e6;
    toStamp.push(stamp - d); toHere.push(t - stamp); got++;
  };
  const working = (async () => {
    if (consumption) { for await (const d of consumption) { take(d.message.value, d.message.timestampNs); const s = now(); void d.ack().then(() => ackTimes.push(now() - s)); if (got === N) break; } }
    else for await (const m of client.subscribe(topic, { from: 'latest' })) { take(m.value, m.timestampNs); if (got === N) break; }
  })();
  await new Promise((r) => setTimeout(r, 200));
  const publisher = client.publisher(topic);
  const start = now();
  let sent = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const t = now();
      while (sent < N && start + sent < t) {
        const id = String(sent).padStart(8, '0'); const d = start + sent; due.set(id, d);
        const value = Buffer.alloc(1024); value.write(id);
        void publisher.publish(value).then(() => toAck.push(now() - d));
        sent++;
      }
      if (sent === N) { clearInterval(timer); resolve(); }
    }, 1);
  });
  await working;
  console.log(`due→stamp ${q(toStamp)} | stamp→here ${q(toHere)} | publish ack ${q(toAck)} | ack ${ackTimes.length ? q(ackTimes) : ''}`);
}
