import { connection } from './connection.ts';

/** Says that the broker is away, for as long as it is. */
export function AwayBanner() {
  if (!connection.isAway.value) return null;
  return (
    <div class="away" role="alert">
      <p>
        <b>The broker does not answer.</b> What you see is what was there before. The page asks
        again by itself and goes on when it is back.
      </p>
      <button type="button" onClick={() => connection.tryNow()}>
        Ask now
      </button>
    </div>
  );
}
