import { useState } from 'preact/hooks';
import { publishMessage } from '../broker/topics-api.ts';
import type { JsonHeader } from '../message/message.ts';
import { FormEnd } from '../parts/confirm-dialog.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { tell } from '../parts/notice.tsx';
import { useAction } from '../parts/use-action.ts';
import { formatTime } from '../time/nanoseconds.ts';

interface PublishDialogProps {
  readonly topic: string;
  readonly onClose: () => void;
  readonly onPublished: (timestampNs: bigint) => void;
}

/** Publishes one message. */
export function PublishDialog({ topic, onClose, onPublished }: PublishDialogProps) {
  const [key, setKey] = useState('');
  const [headers, setHeaders] = useState('');
  const [value, setValue] = useState('');
  const { isRunning, error, run } = useAction();
  const submit = (event: Event) => {
    event.preventDefault();
    run(async () => {
      const parsed = parseHeaders(headers);
      const ack = await publishMessage(topic, {
        value,
        ...(key !== '' && { key }),
        ...(parsed.length > 0 && { headers: parsed }),
      });
      const timestampNs = BigInt(ack.first_timestamp_ns);
      tell(`Published at ${formatTime(timestampNs)}`);
      onPublished(timestampNs);
      onClose();
    });
  };
  return (
    <Dialog title={`Publish to ${topic}`} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <label class="field">
          <span>Key</span>
          <input
            type="text"
            class="mono"
            autoComplete="off"
            placeholder="none"
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Headers, one a line</span>
          <textarea
            class="mono"
            rows={2}
            placeholder="name: value"
            value={headers}
            onInput={(event) => setHeaders(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Value</span>
          <textarea
            class="mono"
            rows={8}
            value={value}
            onInput={(event) => setValue(event.currentTarget.value)}
          />
        </label>
        <FormEnd label="Publish" error={error} isDisabled={isRunning} onClose={onClose} />
      </form>
    </Dialog>
  );
}

/** `name: value` a line. Throws what is wrong with one. */
export function parseHeaders(text: string): JsonHeader[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const colon = line.indexOf(':');
    if (colon <= 0) throw new Error(`header ${index + 1} has no name: write name: value`);
    return [{ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }];
  });
}
