import { useMemo, useState } from 'preact/hooks';
import { formatBytes, formatCount } from '../format/numbers.ts';
import { curlToPublish, curlToRead } from '../message/curl.ts';
import { HEX_BYTES_MAX, hexLines } from '../message/hex.ts';
import type { Message, Payload } from '../message/message.ts';
import { bytesOf, isEmpty, previewOf } from '../message/message.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { JsonTree } from '../parts/json-tree.tsx';
import { Time } from '../parts/time.tsx';
import { topicHref } from '../route.ts';

interface MessageDetailProps {
  readonly message: Message;
  readonly onClose: () => void;
}

/** All of one message. */
export function MessageDetail({ message, onClose }: MessageDetailProps) {
  const { topic, timestampNs, key, value, headers, sizeBytes } = message;
  const link = topicHref(topic, { atNs: timestampNs, fromNs: undefined, untilNs: undefined });
  return (
    <section class="detail" aria-label="Message">
      <header class="detail-header">
        <h2>
          <Time ns={timestampNs} />
        </h2>
        <button type="button" class="quiet" aria-label="Close the message" onClick={onClose}>
          ×
        </button>
      </header>
      <div class="button-row">
        <CopyButton label="Copy as curl" text={() => curlToPublish(location.origin, message)} />
        <CopyButton
          label="Copy curl that reads it"
          text={() => curlToRead(location.origin, message)}
        />
        <CopyButton label="Copy link" text={() => `${location.origin}/${link}`} />
      </div>
      <dl class="detail-fields">
        <dt>Timestamp</dt>
        <dd class="mono">{`${timestampNs}`}</dd>
        {!isEmpty(key) && (
          <>
            <dt>Key</dt>
            <dd class="mono">{shortText(key)}</dd>
          </>
        )}
        {headers.map((header, index) => (
          <Header key={index} name={header.name} value={header.value} />
        ))}
        <dt>Size</dt>
        <dd title={`${formatCount(sizeBytes)} bytes`}>{formatBytes(sizeBytes)}</dd>
      </dl>
      <ValueView key={`${timestampNs}`} value={value} />
    </section>
  );
}

function Header({ name, value }: { readonly name: string; readonly value: Payload }) {
  return (
    <>
      <dt class="mono">{name}</dt>
      <dd class="mono">{shortText(value)}</dd>
    </>
  );
}

function shortText(payload: Payload): string {
  return payload.base64 === undefined ? (payload.text ?? '') : `0x ${previewOf(payload)}`;
}

type Form = 'text' | 'json' | 'hex';

/** Of a longer text the rest is on demand: a browser lays out a megabyte for seconds. */
const TEXT_LENGTH = 50_000;

/** The value as text, as JSON or as bytes; first in the form that says most. */
function ValueView({ value }: { readonly value: Payload }) {
  const json = useMemo(() => parsed(value), [value]);
  const best: Form = value.text === undefined ? 'hex' : isStructured(json) ? 'json' : 'text';
  const [form, setForm] = useState<Form>(best);
  const forms: readonly Form[] = [
    ...(value.text === undefined ? [] : (['text'] as const)),
    ...(json === undefined ? [] : (['json'] as const)),
    'hex',
  ];
  return (
    <div class="value">
      <fieldset class="segments">
        <legend class="sr-only">Value as</legend>
        {forms.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="value-form"
              checked={form === each}
              onChange={() => setForm(each)}
            />
            <span>{each === 'json' ? 'JSON' : each === 'hex' ? 'Hex' : 'Text'}</span>
          </label>
        ))}
      </fieldset>
      {form === 'text' && <TextValue text={value.text ?? ''} />}
      {form === 'json' && json !== undefined && <JsonTree value={json.value} />}
      {form === 'hex' && <HexValue value={value} />}
    </div>
  );
}

function TextValue({ text }: { readonly text: string }) {
  const [isAll, setAll] = useState(text.length <= TEXT_LENGTH);
  return (
    <>
      <pre class="value-text" tabIndex={0} aria-label="Value as text">
        {isAll ? text : text.slice(0, TEXT_LENGTH)}
      </pre>
      {!isAll && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {formatCount(text.length)} characters
        </button>
      )}
    </>
  );
}

function HexValue({ value }: { readonly value: Payload }) {
  const bytes = useMemo(() => bytesOf(value), [value]);
  return (
    <>
      <pre class="value-hex" tabIndex={0} aria-label="Value as bytes">
        {hexLines(bytes).map(({ offset, bytes: digits, text }) => (
          <div key={offset}>
            <span class="dim">{offset}</span> {digits.padEnd(48)}{' '}
            <span class="hex-text">{text}</span>
          </div>
        ))}
      </pre>
      {bytes.length > HEX_BYTES_MAX && (
        <p class="dim">
          The first {formatBytes(HEX_BYTES_MAX)} of {formatBytes(bytes.length)}
        </p>
      )}
    </>
  );
}

/** The value as JSON; undefined if it is none. In an object, since it may be null. */
function parsed({ text }: Payload): { readonly value: unknown } | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** A number or a plain text says no more as JSON. */
function isStructured(json: { readonly value: unknown } | undefined): boolean {
  return typeof json?.value === 'object' && json.value !== null;
}
