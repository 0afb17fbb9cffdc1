const WIDTH = 72;
const HEIGHT = 18;
/** Samples that are drawn: with one every two seconds, two minutes. */
export const SPARK_SAMPLES = 60;

/** The rate of the last minutes as a line; the newest at the right. */
export function Sparkline({ rates }: { readonly rates: readonly number[] }) {
  const most = Math.max(...rates, 0);
  const step = WIDTH / (SPARK_SAMPLES - 1);
  const points = rates.map((rate, index) => {
    const x = WIDTH - (rates.length - 1 - index) * step;
    const y = HEIGHT - 1 - (most === 0 ? 0 : (rate / most) * (HEIGHT - 3));
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const first = points[0]?.split(',')[0] ?? `${WIDTH}`;
  return (
    <svg class="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path class="sparkline-ground" d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
      {most > 0 && (
        <>
          <polygon points={`${first},${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`} />
          <polyline points={points.join(' ')} />
        </>
      )}
    </svg>
  );
}
