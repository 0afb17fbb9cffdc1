import { useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import { tell } from './notice.tsx';

interface CopyButtonProps {
  readonly label: string;
  readonly text: () => string;
}

/** Copies a text; where the browser does not let a page do so, shows it to be copied by hand. */
export function CopyButton({ label, text }: CopyButtonProps) {
  const [shown, setShown] = useState<string | undefined>(undefined);
  const copy = async () => {
    const copied = text();
    try {
      await navigator.clipboard.writeText(copied);
      tell('Copied');
    } catch {
      setShown(copied);
    }
  };
  return (
    <>
      <button type="button" onClick={() => void copy()}>
        {label}
      </button>
      {shown !== undefined && (
        <Dialog title={label} onClose={() => setShown(undefined)}>
          <textarea class="mono" rows={8} readOnly aria-label="To be copied" value={shown} />
        </Dialog>
      )}
    </>
  );
}
