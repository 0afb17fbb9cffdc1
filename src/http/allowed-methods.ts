/** Which methods the routes take of each path, for who asks with another one. */
export class AllowedMethods {
  readonly #routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  /** `path` as routes have it: `/v1/topics/:topic`. */
  add(path: string, methods: string | readonly string[]): void {
    const route = this.#routes.get(path) ?? { pattern: patternOf(path), methods: new Set() };
    this.#routes.set(path, route);
    for (const method of [methods].flat()) route.methods.add(method);
  }

  /** The methods of a path; none if there is no such path. */
  of(path: string): readonly string[] {
    const found = [...this.#routes.values()].filter(({ pattern }) => pattern.test(path));
    const methods = found.flatMap((route) => [...route.methods]);
    return methods.length === 0 ? [] : [...new Set([...methods, 'OPTIONS'])].sort();
  }
}

function patternOf(path: string): RegExp {
  const tokens = path
    .split('/')
    .map((token) => (token.startsWith(':') ? '[^/]+' : token === '*' ? '.*' : escaped(token)));
  return new RegExp(`^${tokens.join('/')}$`);
}

function escaped(token: string): string {
  return token.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
