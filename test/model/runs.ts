/** How often a property is tried, if it is `share` times by default. PLAYHEAD_MODEL_RUNS multiplies it. */
export function totalRuns(share: number): number {
  const factor = Number(process.env['PLAYHEAD_MODEL_RUNS'] ?? 1);
  return Math.max(1, Math.round(share * factor));
}

/** A new seed, printed, or PLAYHEAD_MODEL_SEED to see a failure again. */
export function seedOf(name: string): number {
  const seed = Number(process.env['PLAYHEAD_MODEL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.info(`model of ${name}: PLAYHEAD_MODEL_SEED=${seed}`);
  return seed;
}
