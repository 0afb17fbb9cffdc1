import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import { useAction } from './use-action.ts';

export interface ConfirmDialogProps {
  readonly title: string;
  /** What is to be typed before it can be done; without one a press is enough. */
  readonly name?: string;
  readonly noun?: string;
  /** On the button, such as *Delete the topic*. */
  readonly label: string;
  readonly isDanger?: boolean;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
  /** What will be gone. */
  readonly children: ComponentChildren;
}

/** Asks before something is done that cannot be undone. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, name, noun = 'topic', label, isDanger = true, onConfirm, onClose } = props;
  const [typed, setTyped] = useState('');
  const { isRunning, error, run } = useAction();
  const isSure = name === undefined || typed === name;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!isSure) return;
    run(async () => {
      await onConfirm();
      onClose();
    });
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} class="form">
        {props.children}
        {name !== undefined && (
          <label class="field">
            <span>
              Type the name of the {noun}, <b class="mono">{name}</b>, to go on
            </span>
            <input
              type="text"
              class="mono"
              autoComplete="off"
              spellcheck={false}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
        )}
        <FormEnd
          label={label}
          error={error}
          isDisabled={!isSure || isRunning}
          isDanger={isDanger}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}

interface FormEndProps {
  readonly label: string;
  readonly error: string | undefined;
  readonly isDisabled: boolean;
  readonly isDanger?: boolean;
  readonly onClose: () => void;
}

/** The last lines of a form in a dialog: why it failed, and the buttons. */
export function FormEnd({ label, error, isDisabled, isDanger = false, onClose }: FormEndProps) {
  return (
    <>
      {error !== undefined && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <div class="dialog-buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class={isDanger ? 'danger' : 'primary'} disabled={isDisabled}>
          {label}
        </button>
      </div>
    </>
  );
}
