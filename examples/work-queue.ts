// A work queue of shell commands: `playhead put` fills it, three `playhead on` share what is in it, each message once.
// The same in a shell:
//
//   playhead on jobs | while read -r job; do echo "doing $job"; done     # as often as you like
//   seq 100 | playhead put jobs --lines
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from 'playhead-client';

const JOBS = 300;

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';
await using client = connect(address);

const queue = `examples/jobs-${process.pid}`;
const jobs = Array.from({ length: JOBS }, (_, index) => `job ${index}`);
const done: string[] = [];
const workers = [playhead('on', queue), playhead('on', queue), playhead('on', queue)];
try {
  const allDone = doJobs();
  await Promise.all([put(jobs.slice(0, JOBS / 2)), put(jobs.slice(JOBS / 2)), allDone]);
  // Whoever is asked to end acknowledges first what it has printed.
  for (const worker of workers) worker.kill('SIGTERM');
  await Promise.all(workers.map(hasEnded));

  assert.deepEqual(done.toSorted(), jobs.toSorted());
  console.log(`${done.length} jobs, each done once`);
  const { pendingCount } = await client.queue(queue).info();
  console.log(`left in the queue: ${pendingCount}`);
} finally {
  for (const worker of workers) worker.kill('SIGKILL');
}
await client.topics.delete(client.queue(queue).topic);

/** Puts jobs into the queue, one a line. */
async function put(jobs: readonly string[]): Promise<void> {
  const child = playhead('put', queue, '--lines');
  child.stdin.end(jobs.join('\n'));
  await hasEnded(child);
  assert.equal(child.exitCode, 0);
}

/** Does what is printed: here, to note it. Resolves when as many jobs are done as there are. */
function doJobs(): Promise<void> {
  return new Promise((resolve, reject) => {
    for (const worker of workers) {
      createInterface({ input: worker.stdout }).on('line', (job) => {
        done.push(job);
        if (done.length === JOBS) resolve();
      });
      worker.once('exit', (code) => reject(new Error(`a worker ended with ${code}`)));
    }
  });
}

async function hasEnded(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function playhead(...args: readonly string[]) {
  const path = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  return spawn(process.execPath, [path, '--address', address, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}
