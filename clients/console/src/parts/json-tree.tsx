import { useState } from 'preact/hooks';
import { counted } from '../format/numbers.ts';

/** Entries that are shown of a long list or object; the rest on demand. */
const ENTRIES = 100;
/** Levels that are open at first. */
const OPEN_LEVELS = 3;

interface JsonNodeProps {
  readonly value: unknown;
  readonly name?: string;
  readonly level?: number;
}

/** JSON that folds. */
export function JsonTree({ value }: { readonly value: unknown }) {
  return (
    <div class="json mono">
      <JsonNode value={value} />
    </div>
  );
}

function JsonNode({ value, name, level = 0 }: JsonNodeProps) {
  if (typeof value !== 'object' || value === null) {
    return (
      <div class="json-line">
        <JsonName name={name} />
        <span class={`json-${value === null ? 'null' : typeof value}`}>
          {JSON.stringify(value)}
        </span>
      </div>
    );
  }
  return <JsonParent value={value} name={name} level={level} />;
}

interface JsonParentProps {
  readonly value: object;
  readonly name: string | undefined;
  readonly level: number;
}

function JsonParent({ value, name, level }: JsonParentProps) {
  const [most, setMost] = useState(ENTRIES);
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const [begin, end] = isList ? '[]' : '{}';
  if (entries.length === 0) {
    return (
      <div class="json-line">
        <JsonName name={name} />
        {begin}
        {end}
      </div>
    );
  }
  return (
    <details class="json-parent" open={level < OPEN_LEVELS}>
      <summary>
        <JsonName name={name} />
        {begin}
        <span class="json-size">
          {isList ? counted(entries.length, 'item') : counted(entries.length, 'field')}
        </span>
      </summary>
      <div class="json-children">
        {entries.slice(0, most).map(([key, child]) => (
          <JsonNode key={key} {...(isList ? {} : { name: key })} value={child} level={level + 1} />
        ))}
        {entries.length > most && (
          <button type="button" class="quiet" onClick={() => setMost(most + 10 * ENTRIES)}>
            {entries.length - most} more
          </button>
        )}
      </div>
      <div class="json-end">{end}</div>
    </details>
  );
}

function JsonName({ name }: { readonly name: string | undefined }) {
  if (name === undefined) return null;
  return (
    <>
      <span class="json-name">{JSON.stringify(name)}</span>
      {': '}
    </>
  );
}
