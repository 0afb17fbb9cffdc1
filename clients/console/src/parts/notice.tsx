import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { connection } from '../broker/connection.ts';

/** A word on what was just done; it goes by itself. */
const notice = signal<string | undefined>(undefined);
const NOTICE_MS = 4000;

export function tell(text: string): void {
  notice.value = text;
}

/** Where {@link tell} is heard: also by those who listen to the page. */
export function NoticeArea() {
  const text = notice.value;
  useEffect(() => {
    if (text === undefined) return;
    const timer = setTimeout(() => {
      notice.value = undefined;
    }, NOTICE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="notice-area" role="status">
      {text !== undefined && <p class="notice">{text}</p>}
    </div>
  );
}

/** In place of what is not there. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

/** Why something is not there. */
export function ErrorText({ error }: { readonly error: string | undefined }) {
  // Of a broker that is away the page tells as a whole.
  if (error === undefined || connection.isAway.value) return null;
  return (
    <p class="error" role="alert">
      {error}
    </p>
  );
}
