import { type Fields, isFields } from './bytes.ts';

/** Words that stand in patterns and are no variables. */
const PATTERN_WORDS = new Set(['$any', '$absent']);
const ALONE = /^\$([a-z]\w*)((?:\.\w+|\[-?\d+\])*)([+-]\d+)?$/i;
const INSIDE = /\$(?:\$|\{([a-z]\w*)\}|([a-z]\w*))/gi;

/** The variables of a run of a case. */
export class Scope {
  readonly #values = new Map<string, unknown>();

  set(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  get(name: string): unknown {
    if (!this.#values.has(name)) throw new TypeError(`there is no variable $${name} here`);
    return this.#values.get(name);
  }

  /**
   * The same with variables replaced. A text that is nothing but one, with a path and an offset (`$t[0]+1`), becomes its
   * value; inside a text it becomes text; `$$` is `$`.
   */
  resolve(written: unknown): unknown {
    if (typeof written === 'string') return this.#fillText(written);
    if (Array.isArray(written)) return written.map((each) => this.resolve(each));
    if (!isFields(written)) return written;
    return Object.fromEntries(
      Object.entries(written).map(([name, value]) => [
        this.#isMatcher(name) ? name : String(this.#fillText(name)),
        this.resolve(value),
      ]),
    );
  }

  /** Keeps parts of an answer: `{name: path}`. */
  save(saved: Fields, answer: unknown): void {
    for (const [name, path] of Object.entries(saved)) this.set(name, at(answer, String(path)));
  }

  #isMatcher(name: string): boolean {
    return name.startsWith('$') && !this.#values.has(name.slice(1));
  }

  #fillText(text: string): unknown {
    if (!text.includes('$') || PATTERN_WORDS.has(text)) return text;
    const alone = ALONE.exec(text);
    if (alone !== null) {
      const value = at(this.get(alone[1] ?? ''), alone[2] ?? '');
      const offset = alone[3];
      return offset === undefined ? value : `${BigInt(String(value)) + BigInt(offset)}`;
    }
    return text.replaceAll(INSIDE, (_, braced?: string, bare?: string) => {
      const name = braced ?? bare;
      return name === undefined ? '$' : String(this.get(name));
    });
  }
}

/** The part of a value at `items[0].message`; -1 is the last of a list, and an empty path all of it. */
function at(value: unknown, path: string): unknown {
  let found = value;
  for (const [, name, index] of path.matchAll(/\.?(\w+)|\[(-?\d+)\]/g)) {
    if (index !== undefined) found = Array.isArray(found) ? found.at(Number(index)) : undefined;
    else found = isFields(found) ? found[name ?? ''] : undefined;
  }
  if (found === undefined) throw new TypeError(`the answer has no ${path} to save`);
  return found;
}
