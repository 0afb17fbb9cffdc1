import { Counter, Histogram, type Registry } from 'prom-client';

const labelNames = ['method', 'code'] as const;

/** The two figures of gophermq, under its names and with its labels and buckets: its dashboards go on. */
export class GophermqFigures {
  readonly #requests: Counter<(typeof labelNames)[number]>;
  readonly #seconds: Histogram<(typeof labelNames)[number]>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'gophermq_client_request_rate',
      help: 'Requests of clients of gophermq by method and code',
      labelNames,
      registers,
    });
    this.#seconds = new Histogram({
      name: 'gophermq_request_duration_seconds',
      help: 'From when such a request had come until it was answered',
      labelNames,
      registers,
    });
  }

  answered(method: string, code: string, seconds: number): void {
    this.#requests.inc({ method, code });
    this.#seconds.observe({ method, code }, seconds);
  }
}
