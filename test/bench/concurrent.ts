/** Runs it for each index in order, so many of them at a time. Rejects with the first error, and begins no more then. */
export async function concurrently(
  count: number,
  limit: number,
  run: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const runOneByOne = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      try {
        await run(index);
      } catch (error) {
        next = count;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: limit }, runOneByOne));
  for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
}
