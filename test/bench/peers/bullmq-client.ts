import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { WorkClient } from '../contestants/work-client.ts';
import { OnceEach } from '../once-each.ts';
import { Payloads } from '../verify.ts';
import { VerificationError } from '../workload.ts';

/** The packages that it is made with. */
export const BULLMQ_LIBRARY = 'bullmq';
export const REDIS_LIBRARY = 'ioredis';

const BULK_JOBS = 500;
const BULKS_UNDER_WAY = 3;
const LOCK_MS = 600_000;
/** For a job that never comes. */
const PATIENCE_MS = 300_000;

/** How the worker is run. */
export interface BullmqManner {
  /** Jobs at one time. */
  readonly concurrency: number;
  /** Whether the commands of one turn of the event loop are written together (`enableAutoPipelining`). */
  readonly isPipelined: boolean;
}

/** What a job carries: bytes as a string, since data is JSON. */
interface JobData {
  readonly v: string;
}

/** BullMQ with one worker. Its jobs begin in order, but which ends first is not promised. */
export class BullmqClient implements WorkClient {
  readonly name: string;
  readonly #port: number;
  readonly #manner: BullmqManner;

  constructor(port: number, manner: BullmqManner) {
    this.name = `${BULLMQ_LIBRARY}, concurrency ${manner.concurrency}${manner.isPipelined ? ', auto-pipelining' : ''}`;
    this.#port = port;
    this.#manner = manner;
  }

  async fill(name: string, messageBytes: number, count: number): Promise<void> {
    const { Queue } = await import('bullmq');
    const payloads = new Payloads(messageBytes);
    const connection = await openConnection(this.#port, this.#manner.isPipelined);
    const queue = new Queue<JobData>(name, { connection });
    let sent = 0;
    const addBulks = async () => {
      while (sent < count) {
        const jobs: { name: string; data: JobData }[] = [];
        for (const end = Math.min(count, sent + BULK_JOBS); sent < end; sent++) {
          jobs.push({ name: 'job', data: { v: payloads.at(sent).toString('latin1') } });
        }
        await queue.addBulk(jobs);
      }
    };
    try {
      await Promise.all(Array.from({ length: BULKS_UNDER_WAY }, addBulks));
    } finally {
      await queue.close();
      connection.disconnect();
    }
  }

  async work(name: string, messageBytes: number, count: number): Promise<void> {
    const { Worker } = await import('bullmq');
    const once = new OnceEach(new Payloads(messageBytes), name, count);
    const connection = await openConnection(this.#port, this.#manner.isPipelined);
    const worker = new Worker<JobData>(name, (job) => take(job, once), {
      connection,
      concurrency: this.#manner.concurrency,
      removeOnComplete: { count: 0 },
      lockDuration: LOCK_MS,
      skipLockRenewal: true,
      skipStalledCheck: true,
    });
    try {
      await untilCompleted(worker, name, count);
      once.finish();
    } finally {
      await worker.close(true);
      connection.disconnect();
    }
  }

  async verifyDone(name: string, count: number): Promise<void> {
    const { Queue } = await import('bullmq');
    const connection = await openConnection(this.#port, this.#manner.isPipelined);
    const queue = new Queue<JobData>(name, { connection });
    try {
      const left = await queue.getJobCounts();
      if (Object.values(left).every((each) => each === 0)) return;
      throw new VerificationError(`${name}: of ${count} jobs are left ${JSON.stringify(left)}`);
    } finally {
      await queue.close();
      connection.disconnect();
    }
  }
}

async function openConnection(port: number, isPipelined: boolean): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const connection = new Redis({
    host: '127.0.0.1',
    port,
    maxRetriesPerRequest: null,
    enableAutoPipelining: isPipelined,
  });
  // Every command under way is rejected, too.
  connection.on('error', () => undefined);
  return connection;
}

function take(job: Job<JobData>, once: OnceEach): Promise<void> {
  once.takeValue(Buffer.from(job.data.v, 'latin1'));
  return Promise.resolve();
}

/** Resolves when Redis has answered for so many jobs that they are completed. */
async function untilCompleted(worker: Worker<JobData>, name: string, count: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      let completed = 0;
      timer = setTimeout(() => {
        reject(new VerificationError(`${name}: of ${count} jobs ${completed} are completed`));
      }, PATIENCE_MS);
      worker.on('completed', () => {
        completed += 1;
        if (completed === count) resolve();
      });
      worker.on('failed', (_, error) => reject(error));
      worker.on('error', reject);
    });
  } finally {
    clearTimeout(timer);
  }
}
