import { useState } from 'preact/hooks';
import { createTopic } from '../broker/topics-api.ts';
import { FormEnd } from '../parts/confirm-dialog.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useAction } from '../parts/use-action.ts';
import { topicHref } from '../route.ts';

const MS_PER_DAY = 86_400_000;
const BYTES_PER_MIB = 1024 * 1024;

/** Makes a topic, with its limits if it has any. */
export function CreateTopicDialog({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState('');
  const [mib, setMib] = useState('');
  const { isRunning, error, run } = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    run(async () => {
      const config = {
        ...(days !== '' && { max_age_ms: Math.round(Number(days) * MS_PER_DAY) }),
        ...(mib !== '' && { max_bytes: Math.round(Number(mib) * BYTES_PER_MIB) }),
      };
      const made = await createTopic(name, config);
      onClose();
      location.hash = topicHref(made.topic);
    });
  };
  return (
    <Dialog title="New topic" onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <label class="field">
          <span>Name</span>
          <input
            type="text"
            class="mono"
            autoComplete="off"
            spellcheck={false}
            placeholder="orders/eu"
            required
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <div class="field-row">
          <NumberField label="Keep for at most … days" value={days} set={setDays} />
          <NumberField label="Keep at most … MiB" value={mib} set={setMib} />
        </div>
        <FormEnd
          label="Create"
          error={error}
          isDisabled={isRunning || name === ''}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
}

function NumberField({ label, value, set }: NumberFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        min="0"
        step="any"
        placeholder="no limit"
        value={value}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}
